/* The clusters of a controller: which exist, how to reach them, and their caches.
 *
 * A cache is connected when an application first needs it; it goes when the cluster's secret changes or
 * disappears. Loop thread only. */
#pragma once

struct controller;

/* Secrets of clusters or the way of tracking may have changed: drop what is not current. */
void cluster_reload(struct controller *ctl);
/* The rules, or the scripts, of argocd-cm are others now. */
void cluster_set_rules(struct controller *ctl);
void cluster_set_scripts(struct controller *ctl);
/* Stop every cache; stopped(ctl) is called once for each of the number returned. */
unsigned cluster_stop_all(struct controller *ctl, void (*stopped)(void *data));
