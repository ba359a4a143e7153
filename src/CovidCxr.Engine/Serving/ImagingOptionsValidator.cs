using CovidCxr.Imaging.Decoding;
using Microsoft.Extensions.Options;

namespace CovidCxr.Engine.Serving;

/// <summary>Names every rule that is broken.</summary>
public sealed class ImagingOptionsValidator : IValidateOptions<ImagingOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ImagingOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (options.MaxMegapixels is < 1 or > 200)
        {
            result.AddError("Imaging:MaxMegapixels must be 1 to 200.");
        }

        if (options.MaxFileMegabytes is < 1 or > 500)
        {
            result.AddError("Imaging:MaxFileMegabytes must be 1 to 500.");
        }

        if (options.MinSidePixels is < 1 or > 1024)
        {
            result.AddError("Imaging:MinSidePixels must be 1 to 1024.");
        }

        if (options.Decoders is < 1 or > 64)
        {
            result.AddError("Imaging:Decoders must be 1 to 64.");
        }

        if (options.DecodeSeconds is < 1 or > 600)
        {
            result.AddError("Imaging:DecodeSeconds must be 1 to 600.");
        }

        if (options.DecodeMegabytes is < 256 or > 16384)
        {
            result.AddError("Imaging:DecodeMegabytes must be 256 to 16384.");
        }

        return result.Build();
    }
}
