namespace CovidCxr.Engine.Serving;

/// <summary>What runs a served model's batches: ONNX Runtime on the CPU, TorchSharp on CUDA.</summary>
interface IServedNetwork : IDisposable
{
    /// <param name="images">(count, 3, height, width), row-major, preprocessed.</param>
    NetworkOutput Run(float[] images, int count, int height, int width);
}
