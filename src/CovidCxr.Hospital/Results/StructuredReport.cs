using System.Runtime.InteropServices;
using CovidCxr.Domain.Readings;
using CovidCxr.Imaging.Dicom;

namespace CovidCxr.Hospital.Results;

/// <summary>The answer as a Comprehensive 3D SR (PS3.3, A.35.13) by TID 1500 (PS3.16): what programs read.</summary>
static class StructuredReport
{
    public const string SopClass = "1.2.840.10008.5.1.4.1.1.88.34", What = "report";

    /// <summary>The part of the hottest cell's value from which on a cell belongs to the region.</summary>
    const float Hot = 0.5f;

    public static byte[] Make(StudyResult result)
    {
        var set = result.NewSet(SopClass, What, "SR", result.FirstSeries + 1);
        set.Add(Attribute.ReferencedProcedureStep, Enumerable.Empty<DicomItem>());
        set.Add(Attribute.PerformedProcedure, Enumerable.Empty<DicomItem>());
        set.Add(Attribute.Evidence, [Evidence(result)]);
        set.Add(Attribute.CompletionFlag, "COMPLETE");
        // Nobody signs it: the reader's report is another document.
        set.Add(Attribute.VerificationFlag, "UNVERIFIED");
        set.Add(Attribute.PreliminaryFlag, result.Answer.Assessment == Assessment.NotRead ? "PRELIMINARY" : "FINAL");
        set.Add(Attribute.ValueType, "CONTAINER");
        set.Add(Attribute.ConceptName, [Codes.Report.ToItem()]);
        set.Add(Attribute.Continuity, "SEPARATE");
        set.Add(
            Attribute.ContentTemplate,
            [new DicomItem { { Attribute.MappingResource, "DCMR" }, { Attribute.TemplateIdentifier, "1500" } }]);
        set.Add(Attribute.Content, Content(result));
        return set.ToFile(StudyResult.ImplementationUid);
    }

    static IEnumerable<DicomItem> Content(StudyResult result) =>
    [
        SrItem.Coded(SrItem.Modifier, Codes.Language, Codes.English),
        .. Observer(result),
        SrItem.Coded(SrItem.Modifier, Codes.Procedure, Codes.ImagingProcedure),
        SrItem.Container(
            Codes.ImageLibrary,
            SrItem.Container(
                Codes.ImageLibraryGroup,
                SrItem.Image(SrItem.Contains, result.FilmReference(), Modality(result)),
                SrItem.Image(SrItem.Contains, PictureReference(result), Modality(result)))),
        SrItem.Container(Codes.Measurements, SrItem.Container(Codes.MeasurementGroup, Group(result))),
    ];

    /// <summary>Who says it: a device, by TID 1004.</summary>
    internal static IEnumerable<DicomItem> Observer(StudyResult result) =>
    [
        SrItem.Coded(SrItem.ObservationContext, Codes.ObserverType, Codes.Device),
        SrItem.Uid(SrItem.ObservationContext, Codes.ObserverUid, StudyResult.Uid("model", result.Answer.Model.Sha256)),
        SrItem.Text(SrItem.ObservationContext, Codes.ObserverName, result.ModelName),
        SrItem.Text(SrItem.ObservationContext, Codes.ObserverManufacturer, StudyResult.Product),
        SrItem.Text(SrItem.ObservationContext, Codes.ObserverModel, StudyResult.Product),
    ];

    static IEnumerable<DicomItem> Group(StudyResult result)
    {
        var prediction = result.Prediction;
        yield return SrItem.Text(SrItem.ObservationContext, Codes.TrackingIdentifier, result.PositiveClass);
        yield return SrItem.Uid(
            SrItem.ObservationContext, Codes.TrackingUid, StudyResult.UidOf(prediction.StudyId, 0, result.PositiveClass));
        yield return SrItem.Coded(
            SrItem.Contains, Codes.Finding,
            ReadDisease.Is(prediction.PositiveClass) ? Codes.Disease : Codes.OtherFinding with { Meaning = result.PositiveClass });
        yield return SrItem.Coded(SrItem.Modifier, Codes.FindingSite, Codes.Chest);
        yield return SrItem.Text(SrItem.Modifier, Codes.AlgorithmName, result.ModelName);
        yield return SrItem.Text(SrItem.Modifier, Codes.AlgorithmVersion, result.ModelVersion);
        yield return SrItem.Number(Codes.Probability, result.Probability);
        yield return SrItem.Number(Codes.Threshold, prediction.Threshold);
        if (prediction.SeverityZones.Count > 0)
        {
            yield return SrItem.Number(Codes.Severity, prediction.SeverityZones.Sum());
        }

        if (prediction is { SeverityLower: { } lower, SeverityUpper: { } upper })
        {
            yield return SrItem.Number(Codes.SeverityLower, lower);
            yield return SrItem.Number(Codes.SeverityUpper, upper);
        }

        yield return SrItem.Coded(SrItem.Contains, Codes.Presence, result.IsPositive ? Codes.Present : Codes.Absent);
        yield return SrItem.Coded(SrItem.Contains, Codes.Assessment, Codes.Of(result.Answer.Assessment));
        if (result.IsPositive)
        {
            yield return SrItem.Region(Codes.ImageRegion, HotRegion(result), result.FilmReference());
        }

        yield return SrItem.Text(
            SrItem.Contains, Codes.Comment,
            $"{StudyResult.Disclaimer}. The probability lies between 0 and 1; from the threshold on the finding is predicted. "
                + "The region is the box around those parts of the heat map that are at least half as hot as the hottest one. "
                + $"{result.Verdict}, {result.Assessed}.{(result.Warning is { } warning ? $" {warning}" : "")}");
    }

    // Of what is seen in it, for the picture too; the context group (CID 29) knows no scanned films.
    static DicomItem Modality(StudyResult result) => SrItem.Coded(
        SrItem.AcquisitionContext, Codes.Modality,
        result.Answer.Study.Modality switch { "CR" => Codes.Computed, "DX" => Codes.Digital, _ => Codes.Radiographic });

    internal static DicomItem PictureReference(StudyResult result) => new()
    {
        { Attribute.ReferencedSopClass, SecondaryCapture.SopClass },
        { Attribute.ReferencedSopInstance, result.UidOf(SecondaryCapture.What) },
    };

    /// <summary>Film and picture, as what a document speaks of.</summary>
    internal static DicomItem Evidence(StudyResult result) => new()
    {
        { Attribute.StudyInstance, result.Film.Value(Attribute.StudyInstance.Tag) },
        {
            Attribute.ReferencedSeries,
            [
                Series(result.Film.Value(Attribute.SeriesInstance.Tag), result.FilmReference()),
                Series(System.Text.Encoding.ASCII.GetBytes(result.UidOf($"{SecondaryCapture.What} series")), PictureReference(result)),
            ]
        },
    };

    static DicomItem Series(byte[] uid, DicomItem instance) =>
        new() { { Attribute.ReferencedSop, [instance] }, { Attribute.SeriesInstance, uid } };

    // A cell's edges are lines between pixels: the map is stretched over the whole film.
    static (float X, float Y)[] HotRegion(StudyResult result)
    {
        var (prediction, study) = (result.Prediction, result.Answer.Study);
        var (width, height) = (prediction.MapWidth, prediction.MapHeight);
        var map = MemoryMarshal.Cast<byte, float>(prediction.HeatMaps).Slice(prediction.PredictedIndex * width * height, width * height)
            .ToArray();
        var least = Hot * map.Max();
        var cells = Enumerable.Range(0, map.Length).Where(i => map[i] >= least).ToList();
        var (left, right) = (Across(cells.Min(i => i % width)), Across(cells.Max(i => i % width) + 1));
        var (top, bottom) = (Down(cells.Min(i => i / width)), Down(cells.Max(i => i / width) + 1));
        return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];

        float Across(int cell) => (float)cell * study.Width / width;
        float Down(int cell) => (float)cell * study.Height / height;
    }
}
