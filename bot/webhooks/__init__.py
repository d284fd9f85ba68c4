"""Intake: verify a webhook, name its questions, store them durably, answer 202. It decides nothing."""
