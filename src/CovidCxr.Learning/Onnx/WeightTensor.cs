namespace CovidCxr.Learning.Onnx;

/// <summary>One named weight on its way into a graph: row-major float32 values and their shape.</summary>
public sealed record WeightTensor(long[] Shape, float[] Values);
