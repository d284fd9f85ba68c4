"""The GitHub App: it reads what GitHub says, decides by the rulebook, and writes what differs."""
