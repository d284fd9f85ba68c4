"""The only place that speaks to registries: what a repository of images has, and how it loses some of it."""
