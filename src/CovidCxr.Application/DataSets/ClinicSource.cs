using System.Text;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Learning.Data;
using CovidCxr.Storage.Files;

namespace CovidCxr.Application.DataSets;

/// <summary>One of the clinic's films as a training set may know it: no number, name or date.</summary>
/// <param name="Patient">A pseudonym; empty where the patient is not known.</param>
/// <param name="Key">Of the stored upload.</param>
sealed record ClinicFilm(string Name, string Class, string Patient, string View, string Key, long Bytes);

/// <summary>The clinic's own studies as a table beside its images. An image is drawn anew: what an upload carries besides pixels may name the patient.</summary>
sealed class ClinicSource(IReadOnlyList<ClinicFilm> films, IReadOnlyList<string> remarks, BlobStore blobs) : ImageSource
{
    const string Table = "studies.csv";

    readonly Dictionary<string, ClinicFilm> byName = films.ToDictionary(f => f.Name, StringComparer.Ordinal);

    readonly byte[] table = Encoding.UTF8.GetBytes(string.Join('\n', films.Select(f => $"{f.Name},{f.Class},{f.Patient},{f.View}").Prepend("filename,class,patient,view")));

    public override IReadOnlyList<SourceFile> Files => [new(Table, table.Length), .. films.Select(f => new SourceFile(f.Name, f.Bytes))];

    public override IReadOnlyList<string> Ignored => [];

    public override IReadOnlyList<string> Remarks => remarks;

    public override byte[] Read(SourceFile file)
    {
        if (file.Path == Table)
        {
            return table;
        }

        var key = byName[file.Path].Key;
        // Nothing, where the upload is gone or damaged: it is found as unreadable then, and never kept as it is.
        return blobs.Exists(key) && TrainingImages.Decoder.Decode(blobs.Read(key)) is DecodeResult.Decoded { Image: var image } ? PngEncoder.Encode(image) : [];
    }
}
