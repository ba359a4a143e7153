using NetVips;

namespace CovidCxr.Imaging.Decoding;

/// <summary>What the structure of a file says before any pixel is decoded.</summary>
/// <param name="Refusal">Null where nothing speaks against decoding.</param>
/// <param name="Page">Which directory of a TIFF holds the picture, from 0.</param>
/// <param name="Orientation">1..8 as TIFF 6.0's tag 274; null where libvips finds it itself.</param>
/// <param name="FailOn">From which trouble on libvips gives up.</param>
readonly record struct Inspection(
    DecodeResult.Refused? Refusal, int Page = 0, int? Orientation = null, Enums.FailOn FailOn = Enums.FailOn.Warning)
{
    public static implicit operator Inspection(DecodeResult.Refused refusal) => new(refusal);
}
