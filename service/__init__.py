"""The control room: what a team deploys on port 8080 and keeps open on a second screen."""
