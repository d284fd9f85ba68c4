"""What is drawn by the server: the lines of a repository, and charts."""
