using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace CovidCxr.Testing;

/// <summary>A program's environment that is only a folder.</summary>
public sealed class Place(string folder) : IHostEnvironment
{
    public string EnvironmentName { get; set; } = "Test";

    public string ApplicationName { get; set; } = "Test";

    public string ContentRootPath { get; set; } = folder;

    public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
}
