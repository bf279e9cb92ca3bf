/* AppProjects that are being deleted while their finalizer holds them: it is taken off once no Application
 * refers to the project any more. Loop thread only. */
#pragma once

#include "common/base/str.h"

struct controller;
struct projects;

struct projects *projects_new(struct controller *ctl);
/* Not while requests are under way: after the controller's client was freed. NULL is fine. */
void projects_free(struct projects *projects);

/* A project may be ready to go: it changed, or an Application has left it. "" = any may be. Nothing happens
 * before all Applications are known. */
void projects_check(struct projects *projects, struct str name);
