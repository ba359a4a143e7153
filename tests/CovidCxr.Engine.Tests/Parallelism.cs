using System.Runtime.CompilerServices;
using TorchSharp;
using Xunit.Sdk;
using Xunit.v3;

// Torch's random generator and thread pool are the process's: tests side by side would draw each other's numbers and wait for each other.
[assembly: Parallelization(Mode = ParallelMode.None)]

namespace CovidCxr.Engine.Tests;

static class Parallelism
{
    // Tensors here are tiny: a second thread costs more at every barrier than it saves. The command line's tests use all threads.
#pragma warning disable CA2255 // A test assembly is an application: nobody else loads it.
    [ModuleInitializer]
#pragma warning restore CA2255
    public static void UseOneThread() => torch.set_num_threads(1);
}
