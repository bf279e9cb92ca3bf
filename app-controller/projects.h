/* AppProjects: what is wrong with them is told, and those being deleted while their finalizer holds them are let go
 * once no Application refers to them any more. Loop thread only. */
#pragma once

#include "common/base/str.h"

struct controller;
struct projects;

struct projects *projects_new(struct controller *ctl);
/* Not while requests are under way: after the controller's client was freed. NULL is fine. */
void projects_free(struct projects *projects);

/* Log what is wrong with a project, with what it inherits: it is new or has changed. */
void projects_tell_problems(const struct projects *projects, struct str name);

/* A project may be ready to go: it changed, or an Application has left it. "" = any may be. Nothing happens
 * before all Applications are known. */
void projects_check(struct projects *projects, struct str name);
