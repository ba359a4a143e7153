using System.Runtime.InteropServices;

namespace CovidCxr.Learning.Training;

/// <summary>What it looks like when memory runs out, on the processor or on a GPU.</summary>
public static class OutOfMemory
{
    /// <summary>For a person.</summary>
    public const string Advice = "Memory ran out. Take smaller batches (batchSize), smaller images (imageSize) or a smaller network.";

    // TorchSharp hands on every error of libtorch as one type; the allocators of CPU and CUDA, and the libraries above them, say it in
    // words alone.
    static readonly string[] Words = ["out of memory", "can't allocate memory", "not enough memory", "bad_alloc", "STATUS_ALLOC_FAILED"];

    public static bool Is(Exception e) => e is OutOfMemoryException || (e is ExternalException && IsNamedIn(e.Message));

    /// <summary>
    /// Of the last message of a process: some operations of TorchSharp let libtorch's error through, and it aborts the process.
    /// </summary>
    public static bool IsNamedIn(string message) => Array.Exists(Words, w => message.Contains(w, StringComparison.OrdinalIgnoreCase));
}
