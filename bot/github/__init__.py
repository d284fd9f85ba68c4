"""The only place that speaks to GitHub: connections, queries, what is gathered and what is published."""
