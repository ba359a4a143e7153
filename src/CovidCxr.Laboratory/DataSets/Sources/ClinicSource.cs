using System.Text;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Storage.Files;

namespace CovidCxr.Laboratory.DataSets.Sources;

/// <summary>
/// The clinic's own films as a table beside its images. An image is drawn anew: what an upload carries besides pixels may name the patient.
/// </summary>
sealed class ClinicSource(TrainableFilms trainable, BlobStore blobs, IScanDecoder decoder) : ImageSource
{
    const string Table = "studies.csv";

    readonly Dictionary<string, ClinicFilm> _byName = trainable.Films.ToDictionary(f => f.Name, StringComparer.Ordinal);

    readonly byte[] _table = Encoding.UTF8.GetBytes(
        string.Join('\n', trainable.Films.Select(f => $"{f.Name},{f.Class},{f.Patient},{f.View},{f.Sex},{f.Age}")
            .Prepend("filename,class,patient,view,sex,age")));

    public override IReadOnlyList<SourceFile> Files =>
        [new(Table, _table.Length), .. trainable.Films.Select(f => new SourceFile(f.Name, f.PixelBytes))];

    public override IReadOnlyList<string> Ignored => [];

    public override IReadOnlyList<string> Remarks => trainable.Remarks;

    public override byte[] Read(SourceFile file)
    {
        if (file.Path == Table)
        {
            return _table;
        }

        var key = _byName[file.Path].ImageKey;
        // Nothing, where the upload is gone or damaged: it is found as unreadable then, and never kept as it is.
        return blobs.Exists(key) && decoder.Decode(blobs.Read(key)) is DecodeResult.Decoded { Image: var image }
            ? PngEncoder.Encode(image)
            : [];
    }
}
