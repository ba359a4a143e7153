namespace CovidCxr.Laboratory.Models;

/// <summary>The trained model that comes with the program, beside its assemblies.</summary>
public static class StarterModel
{
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "Models", "starter.safetensors");
}
