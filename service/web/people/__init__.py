"""Who comes in, how, and what they may see and do: sign-in, sessions, guards, acts."""
