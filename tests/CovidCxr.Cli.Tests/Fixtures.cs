using Xunit.Sdk;
using Xunit.v3;

// One process at a time on the few cores that a build machine has.
[assembly: Parallelization(Mode = ParallelMode.None)]
