// Two demos at a time would only make each other slow.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
