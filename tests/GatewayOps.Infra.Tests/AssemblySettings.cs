// The engine's variables belong to the process: one configuration at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
