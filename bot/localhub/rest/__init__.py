"""The REST routes that Signalbox uses, each as GitHub describes it."""
