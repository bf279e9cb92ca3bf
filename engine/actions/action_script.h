/* Actions of an object with those of the operator: resource.customizations.actions.<group>_<Kind> of
 * argocd-cm, in Lua, before the built-in ones.
 *
 *     discovery.lua: |              what there is for obj: name -> {disabled, iconClass, displayName, params}
 *     definitions:
 *     - name: NAME
 *       action.lua: |               returns obj as it shall be, or a list of {operation, resource}
 *     mergeBuiltinActions: true     the built-in ones are offered too
 *
 * Scripts may take a second: not on a loop. */
#pragma once

#include "engine/actions/action.h"

struct clock;
struct customizations;

/* By name. Errors name the key of argocd-cm: ERR_INVALID, ERR_LIMIT. scripts may be NULL. */
MUST_CHECK int action_script_discover(struct arena *arena,
                                      const struct customizations *scripts,
                                      const struct clock *clock,
                                      const struct value *live,
                                      struct action_list *ret,
                                      struct err *err);

/* As action_run(). A script sees the parameters as `actionParams`; what it does not define is looked for
 * among the built-in ones. */
MUST_CHECK int action_script_run(struct arena *arena,
                                 const struct customizations *scripts,
                                 const struct clock *clock,
                                 const struct action_run *run,
                                 struct action_changes *ret,
                                 struct err *err);
