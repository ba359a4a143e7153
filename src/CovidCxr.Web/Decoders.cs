using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Isolation;
using CovidCxr.Learning.Data;
using Microsoft.Extensions.Options;

namespace CovidCxr.Web;

/// <summary>Where this server has untrusted films decoded: in processes of their own.</summary>
public static class Decoders
{
    /// <summary>Takes the place of the rooms' own decoder. Only the program can do so, since it is also what those processes run.</summary>
    public static IServiceCollection AddCovidCxrDecoders(this IServiceCollection services) => services
        .AddSingleton(p => new DecoderPool(
            p.GetRequiredService<IOptions<ImagingOptions>>().Value,
            sentence => p.GetRequiredService<ILogger<DecoderPool>>().LogWarning("{Sentence}", sentence)))
        .AddSingleton(p => p.GetRequiredService<DecoderPool>().For(p.GetRequiredService<IOptions<ImagingOptions>>().Value))
        .AddSingleton(p => TrainingDecoders.In(p.GetRequiredService<DecoderPool>()));
}
