using System.Globalization;

namespace CovidCxr.Imaging.Dicom;

/// <summary>A file that a directory names, by what the directory's records say of it: neither is certain before the file is read.</summary>
/// <param name="Path">
/// Where it lies below the directory's own folder, as <see cref="MediaDirectory.Normalise"/> has it; null where the directory names no
/// such place.
/// </param>
/// <param name="Kind">What it holds, in words, where that is no film; null for a film.</param>
/// <param name="PatientId">Null where the records do not say, as the others.</param>
/// <param name="Modality">CR, DX, SC and others.</param>
public sealed record MediaFile(string? Path, string? Kind, string? PatientId, DateOnly? StudyDate, string? View, string? Modality);

/// <summary>The DICOMDIR of a CD or another medium (PS3.3, annex F): which files are on it, and whose they are.</summary>
public static class MediaDirectory
{
    /// <summary>Of a directory: a DVD full of CT images has some four megabytes.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>A medium of more is no patient's.</summary>
    public const int MaxRecords = 50_000;

    // One has some 25 bytes, and is passed up to three times. Each costs a hundred while the directory is read.
    const int MaxElements = MaxBytes / 8;
    const int MaxParts = 16, MaxPart = 64;

    /// <returns>Each file once, in the directory's order; null where it is no directory, a damaged one or too large.</returns>
    public static IReadOnlyList<MediaFile>? Read(byte[] bytes, CancellationToken cancellation)
    {
        if (bytes.Length > MaxBytes || !DicomFile.IsDicom(bytes) || DicomFile.Open(bytes, MaxBytes, MaxElements) is not { } file
            || file.Set.Find(DicomTag.Records) is null)
        {
            return null;
        }

        // Counted first: an empty item has eight bytes and costs a hundred times as many.
        var records = file.Reader.Items(file.Set, DicomTag.Records).Take(MaxRecords + 1).ToList();
        return records.Count > MaxRecords || records.Exists(r => r.Item is null)
            ? null
            : Files(InOrder(file.Set, records), cancellation);
    }

    /// <summary>
    /// A place on a medium as its directory and its file system may both write it: parts between slashes, in capitals, without what
    /// ISO 9660 adds ("IM0001.;1"). It is a key to look files up by, and never a path to open.
    /// </summary>
    /// <returns>Null for what would lead out of the medium, and what is no place.</returns>
    public static string? Normalise(string place)
    {
        var parts = place.Split('\\', '/').Select(p => p.Trim(' ', '\0')).Where(p => p is not ("" or ".")).Select(Part).ToList();
        return parts.Count is > 0 and <= MaxParts && parts.TrueForAll(p => p is { Length: > 0 and <= MaxPart } && p != "..")
            && !parts.Exists(p => p.Any(c => char.IsControl(c) || c is ':' or '*' or '?'))
                ? string.Join('/', parts)
                : null;
    }

    static string Part(string part)
    {
        var version = part.LastIndexOf(';');
        var name = version > 0 && part.AsSpan(version + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? part[..version] : part;
        return name == ".." ? name : name.TrimEnd('.').ToUpperInvariant();
    }

    /// <summary>
    /// Each record after the one that it belongs to: as the records point to each other, or, where their pointers do not reach all of
    /// them, as they lie in the file, which is nearly always the same.
    /// </summary>
    static List<DicomDataSet> InOrder(DicomDataSet root, List<(int At, DicomDataSet? Item)> records)
    {
        var known = records.ToDictionary(r => (uint)r.At, r => r.Item!);
        List<DicomDataSet> ordered = [];
        Stack<uint> open = new([root.Long(DicomTag.FirstRecord) ?? 0]);
        while (open.TryPop(out var at))
        {
            // Removed, so that pointers in a circle end.
            if (known.Remove(at, out var record))
            {
                ordered.Add(record);
                open.Push(record.Long(DicomTag.NextRecord) ?? 0);
                open.Push(record.Long(DicomTag.LowerRecord) ?? 0);
            }
        }

        return known.Values.Any(r => Place(r).Length > 0) ? records.ConvertAll(r => r.Item!) : ordered;
    }

    static List<MediaFile> Files(List<DicomDataSet> records, CancellationToken cancellation)
    {
        List<MediaFile> files = [];
        HashSet<string> paths = [];
        (string? PatientId, DateOnly? StudyDate, string? Modality) above = default;
        foreach (var record in records.Where(r => r.Number(DicomTag.RecordInUse) != 0))
        {
            cancellation.ThrowIfCancellationRequested();
            // Each is read once, however many files are below it.
            above = record.Code(DicomTag.RecordType) switch
            {
                "PATIENT" => (DicomHeader.Of(record).PatientId, null, null),
                "STUDY" => (above.PatientId, Day(record), null),
                "SERIES" => (above.PatientId, above.StudyDate, DicomHeader.Of(record).Modality),
                _ => above,
            };
            if (Place(record) is { Length: > 0 } place && File(record, place, above) is var file
                && (file.Path is null || paths.Add(file.Path)))
            {
                files.Add(file);
            }
        }

        return files;
    }

    static string Place(DicomDataSet record) => DicomText.Read(record, DicomTag.ReferencedFile) ?? "";

    static MediaFile File(DicomDataSet record, string place, (string? PatientId, DateOnly? StudyDate, string? Modality) above)
    {
        var kind = record.Code(DicomTag.ReferencedClass);
        // A record that does not name the class may be a film all the same.
        var isFilm = kind.Length == 0 ? record.Code(DicomTag.RecordType) == "IMAGE" : SopClass.IsRead(kind);
        return new(
            Normalise(place), isFilm ? null : kind.Length == 0 ? "no image" : SopClass.NameOf(kind), above.PatientId,
            above.StudyDate, DicomHeader.Of(record).View, above.Modality);
    }

    static DateOnly? Day(DicomDataSet study) => DateOnly.TryParseExact(
        study.Code(DicomTag.StudyDate), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
