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

    /// <summary>A film as a whole; null where its file cannot be read or decoded.</summary>
    public GreyImage? FilmAt(string path)
    {
        try
        {
            return (Films.Decode(File.ReadAllBytes(path)) as DecodeResult.Decoded)?.Image;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It was there when the data set was read: whoever took it away since leaves one film fewer to look at.
            return null;
        }
    }

    public static TrainingDecoders In(DecoderPool pool) => new(pool.For(OfFilms), pool.For(OfMasks, takesBlank: true));
}
