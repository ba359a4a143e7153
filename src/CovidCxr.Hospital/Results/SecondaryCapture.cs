using System.Runtime.InteropServices;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Dicom;
using CovidCxr.Imaging.Rendering;

namespace CovidCxr.Hospital.Results;

/// <summary>The film with the heat map, and below it the verdict in words (PS3.3, A.8.1): what every viewer shows.</summary>
static class SecondaryCapture
{
    public const string SopClass = "1.2.840.10008.5.1.4.1.1.7", What = "picture";

    /// <summary>The film's longer side in the picture; and the least width, so that words fit below a narrow film.</summary>
    internal const int Side = 1024, LeastWidth = 512;

    const float Opacity = 0.5f;
    const int Letters = 42, Margin = 4;

    static readonly (byte, byte, byte) White = (255, 255, 255), Amber = (255, 191, 0);

    /// <param name="image">The film's picture.</param>
    public static byte[] Make(StudyResult result, GreyImage image)
    {
        var (pixels, width, height) = Draw(result, image);
        var set = result.NewSet(SopClass, What, "OT", result.FirstSeries);
        set.Add(Attribute.ImageType, @"DERIVED\SECONDARY");
        set.Add(Attribute.ConversionType, "WSD");
        // A chest has no side, and says nothing of a laterality.
        set.Add(Attribute.BodyPart, "CHEST");
        set.Add(Attribute.PatientOrientation, "");
        set.Add(Attribute.DerivationDescription, $"Heat map and verdict of {result.ModelName}. {StudyResult.Disclaimer}.");
        var source = result.FilmReference();
        source.Add(Attribute.PurposeOfReference, [Codes.SourceImage.ToItem()]);
        set.Add(Attribute.SourceImage, [source]);
        set.Add(Attribute.DerivationCode, [Codes.PixelByPixelAddition.ToItem()]);
        set.Add(Attribute.ContributingEquipment, [Equipment(result)]);
        set.Add(Attribute.BurnedInAnnotation, "YES");
        set.Add(Attribute.SamplesPerPixel, 3);
        set.Add(Attribute.Photometric, "RGB");
        set.Add(Attribute.PlanarConfiguration, 0);
        set.Add(Attribute.Rows, (ushort)height);
        set.Add(Attribute.Columns, (ushort)width);
        set.Add(Attribute.BitsAllocated, 8);
        set.Add(Attribute.BitsStored, 8);
        set.Add(Attribute.HighBit, 7);
        set.Add(Attribute.PixelRepresentation, 0);
        set.Add(Attribute.PixelData, pixels);
        return set.ToFile(StudyResult.ImplementationUid);
    }

    static DicomItem Equipment(StudyResult result) => new()
    {
        { Attribute.PurposeOfReference, [Codes.ProcessingEquipment.ToItem()] },
        { Attribute.Manufacturer, StudyResult.Product },
        { Attribute.ManufacturerModel, StudyResult.Product },
        { Attribute.SoftwareVersions, result.ModelName },
    };

    static (byte[] Pixels, int Width, int Height) Draw(StudyResult result, GreyImage image)
    {
        var scale = (double)Side / Math.Max(image.Width, image.Height);
        var (filmWidth, filmHeight) = ((int)Math.Round(image.Width * scale), (int)Math.Round(image.Height * scale));
        var width = Math.Max(filmWidth, LeastWidth);
        var dot = width / (Letters * DotText.Advance);
        var lines = Lines(result).SelectMany(l => Wrap(l.Text).Select(text => (text, l.Colour))).ToList();
        var height = filmHeight + (dot * ((lines.Count * DotText.LineHeight) + (2 * Margin)));
        var film = Blend(result, image, filmWidth, filmHeight);
        var pixels = new byte[3 * width * height];
        var left = (width - filmWidth) / 2;
        for (var row = 0; row < filmHeight; row++)
        {
            Array.Copy(film, 3 * row * filmWidth, pixels, 3 * ((row * width) + left), 3 * filmWidth);
        }

        for (var i = 0; i < lines.Count; i++)
        {
            DotText.Burn(
                pixels, width, height, Margin * dot, filmHeight + (dot * (Margin + (i * DotText.LineHeight))), dot, lines[i].text,
                lines[i].Colour);
        }

        return (pixels, width, height);
    }

    static byte[] Blend(StudyResult result, GreyImage image, int width, int height)
    {
        var prediction = result.Prediction;
        var (mapWidth, mapHeight) = (prediction.MapWidth, prediction.MapHeight);
        var map = MemoryMarshal.Cast<byte, float>(prediction.HeatMaps)
            .Slice(prediction.PredictedIndex * mapWidth * mapHeight, mapWidth * mapHeight).ToArray();
        // Below the threshold the map would say where the film is normal, and be taken for the opposite.
        return OverlayRenderer.Render(image, width, height, map, mapWidth, mapHeight, result.IsPositive ? Opacity : 0);
    }

    static IEnumerable<(string Text, (byte, byte, byte) Colour)> Lines(StudyResult result)
    {
        yield return ($"{StudyResult.Disclaimer}.", Amber);
        yield return ($"AI: {result.Verdict}", White);
        yield return ($"{result.Assessed}. Version {result.Version}", White);
        yield return (result.IsPositive ? "Heat map: relative, within this film" : "No heat map below the threshold", White);
        yield return ($"{StudyResult.Product}, {result.ModelName}", White);
        if (result.Warning is { } warning)
        {
            yield return (warning, Amber);
        }
    }

    static IEnumerable<string> Wrap(string text)
    {
        while (text.Length > Letters)
        {
            // Between words: a number that is cut in two is read as another.
            var end = text.LastIndexOf(' ', Letters) is > 0 and var space ? space : Letters;
            yield return text[..end];
            text = text[end..].TrimStart();
        }

        yield return text;
    }
}
