using CovidCxr.Cli.Tests;
using Xunit.Sdk;
using Xunit.v3;

// One training for all, and one process at a time on the few cores that a build machine has.
[assembly: AssemblyFixture(typeof(TrainedModel))]
[assembly: Parallelization(Mode = ParallelMode.None)]
