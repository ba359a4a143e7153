using System.Runtime.InteropServices;
using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.Testing;

/// <summary>A tensor of single precision as a model file holds it.</summary>
public static class TestTensor
{
    public static StoredTensor Of(float[] values, long[] shape) => new("F32", shape, MemoryMarshal.AsBytes<float>(values).ToArray());
}
