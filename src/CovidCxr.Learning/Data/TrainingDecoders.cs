using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Isolation;

namespace CovidCxr.Learning.Data;

/// <summary>What reads the files of data sets: in this process where it trains, in processes of their own where it serves.</summary>
/// <param name="Films">Reads from 32 pixels a side: collections hold smaller pictures than a clinic's uploads.</param>
/// <param name="Masks">Takes pictures of one grey and of any size.</param>
public sealed record TrainingDecoders(IScanDecoder Films, IScanDecoder Masks)
{
    static readonly ImagingOptions OfFilms = new() { MinSidePixels = 32 }, OfMasks = new() { MinSidePixels = 1 };

    /// <summary>In this process. Safe for several threads.</summary>
    public static TrainingDecoders Here { get; } = new(new ScanDecoder(OfFilms), new ScanDecoder(OfMasks, takesBlank: true));

    public static TrainingDecoders In(DecoderPool pool) => new(pool.For(OfFilms), pool.For(OfMasks, takesBlank: true));
}
