using CovidCxr.Imaging.Dicom;

namespace CovidCxr.Hospital.Results;

/// <summary>
/// A Key Object Selection (PS3.3, A.35.4) by TID 2010 (PS3.16): film and picture, for who hangs the images that a report speaks of.
/// </summary>
static class KeyObjects
{
    public const string SopClass = "1.2.840.10008.5.1.4.1.1.88.59", What = "key objects";

    // Behind the series of pictures and reports, which come in pairs.
    const int FirstSeries = 5000;

    public static byte[] Make(StudyResult result)
    {
        var set = result.NewSet(SopClass, What, "KO", StudyResult.FirstSeriesNumber + FirstSeries + result.Version);
        set.Add(Attribute.ReferencedProcedureStep, Enumerable.Empty<DicomItem>());
        set.Add(Attribute.Evidence, [StructuredReport.Evidence(result)]);
        set.Add(Attribute.ValueType, "CONTAINER");
        set.Add(Attribute.ConceptName, [Codes.ForReport.ToItem()]);
        set.Add(Attribute.Continuity, "SEPARATE");
        set.Add(
            Attribute.ContentTemplate,
            [new DicomItem { { Attribute.MappingResource, "DCMR" }, { Attribute.TemplateIdentifier, "2010" } }]);
        set.Add(Attribute.Content, Content(result));
        return set.ToFile(StudyResult.ImplementationUid);
    }

    static IEnumerable<DicomItem> Content(StudyResult result) =>
    [
        .. StructuredReport.Observer(result),
        SrItem.Text(SrItem.Contains, Codes.KeyObjectDescription, $"{result.SeriesDescription}. {result.Notice}"),
        SrItem.Image(SrItem.Contains, result.FilmReference()),
        SrItem.Image(SrItem.Contains, StructuredReport.PictureReference(result)),
    ];
}
