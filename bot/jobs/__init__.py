"""The jobs, one module a question: gather the facts, decide by the pure rules, apply what differs."""
