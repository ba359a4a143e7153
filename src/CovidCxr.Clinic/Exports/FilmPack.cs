using System.Globalization;
using System.IO.Compression;
using System.Text;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Learning.Files;
using CovidCxr.Platform.Audit;

namespace CovidCxr.Clinic.Exports;

/// <param name="Reader">A pseudonym.</param>
sealed record LeavingReading(string Reader, ReadingStage Stage, Opinion Opinion, int Confidence);

/// <summary>Of the studies whose readings and references the person may see.</summary>
sealed record FilmFacts(
    ILookup<Guid, LeavingReading> Readings, ILookup<Guid, (ReferenceSource Source, ReferenceResult Result)> References);

/// <summary>Writes an export of films (Exports/FORMATS.md), film by film as they are read; two tables and a text come last.</summary>
public sealed class FilmPack(FilmCheck check, AuditLog audit)
{
    static readonly string[] FilmColumns =
    [
        "film", "patient", "study_uid", "series_uid", "instance_uid", "principal", "date_moved", "sex", "age_years", "view", "modality",
        "width", "height", "bits", "source", "reference", "state",
    ];

    // The first day that a zip knows: when a film left is nobody's business outside.
    static readonly DateTimeOffset Undated = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    static readonly string[] ReadingColumns = ["study_uid", "reader", "stage", "opinion", "confidence"];

    const string About = """
        Films for research, without what names their patients. Decision support, not a diagnosis.

        dicom/       each film as a DICOM secondary capture, written anew from its decoded pixels; nothing of the uploaded file was copied
        png/         the same samples, 8 or 16 bits
        films.csv    a line for each film that was asked for; state says where one was left out
        readings.csv what readers said of them, as far as the exporting person may know it

        Patients, studies, series, films and readers have pseudonyms, the same in every export of this installation. The days of a
        patient are moved by one number of days into the past. Ages above 89 are 90. There is no name, number, birth date, time, device
        or free text. Whoever compares pixels with the originals knows the films again.
        """;

    internal async Task WriteAsync(
        IReadOnlyList<LeavingFilm> films, HashSet<string> confirmed, FilmFacts facts, Stream output, Actor actor,
        CancellationToken cancellation)
    {
        var (written, leftOut, lost, isWhole) = (0, 0, 0, false);
        var without = films.Select(f => f.Study).ToHashSet();
        try
        {
            await using (var zip = await ZipArchive.CreateAsync(
                output, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellation))
            {
                var table = new StringBuilder(Csv.Line(FilmColumns));
                foreach (var film in films)
                {
                    var read = await check.ReadAsync(film.Key, cancellation);
                    var isLeft = read is { Doubts.Count: > 0 } && !confirmed.Contains(film.Pixels);
                    if (read is not null && !isLeft)
                    {
                        // Before its first byte, as of the whole.
                        without.Remove(film.Study);
                        await AddAsync(zip, film, read, confirmed.Contains(film.Pixels), cancellation);
                    }

                    (written, leftOut, lost) = (
                        written + (read is null || isLeft ? 0 : 1), leftOut + (isLeft ? 1 : 0), lost + (read is null ? 1 : 0));
                    table.Append(Line(film, read, isLeft, facts));
                }

                await AddAsync(zip, "films.csv", Encoding.UTF8.GetBytes(table.ToString()), cancellation);
                await AddAsync(zip, "readings.csv", Encoding.UTF8.GetBytes(Readings(films, facts)), cancellation);
                await AddAsync(zip, "README.txt", Encoding.UTF8.GetBytes(About), cancellation);
            }

            isWhole = true;
        }
        finally
        {
            foreach (var study in without)
            {
                await audit.RecordAsync(
                    actor, AuditAction.FilmExport, AuditOutcome.Succeeded, study, "no film of it left in that export");
            }

            await audit.RecordAsync(
                actor, AuditAction.FilmExport, isWhole ? AuditOutcome.Succeeded : AuditOutcome.Failed,
                detail: $"{written} films written, {leftOut} left out for possible text, {lost} lost{(isWhole ? "" : "; broken off")}");
        }
    }

    static async Task AddAsync(ZipArchive zip, LeavingFilm film, CheckedFilm read, bool isConfirmed, CancellationToken cancellation)
    {
        await AddAsync(
            zip, $"dicom/{film.Name}.dcm", DeidentifiedFile.Write(film, read.Image, isConfirmed || read.SaysNoText), cancellation);
        await AddAsync(zip, $"png/{film.Name}.png", PngEncoder.Encode(read.Image), cancellation);
    }

    static async Task AddAsync(ZipArchive zip, string name, byte[] content, CancellationToken cancellation)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.Fastest);
        entry.LastWriteTime = Undated;
        await using var to = await entry.OpenAsync(cancellation);
        await to.WriteAsync(content, cancellation);
    }

    static string Line(LeavingFilm film, CheckedFilm? read, bool isLeft, FilmFacts facts) => Csv.Line(
        film.Name, film.Patient, film.StudyUid, film.SeriesUid, film.InstanceUid, film.IsPrincipal ? "yes" : "no",
        film.TakenOn?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        film.Sex switch { Sex.Female => "F", Sex.Male => "M", Sex.Other => "O", _ => "" }, Number(film.ShownAge),
        film.View == ViewPosition.Unknown ? "" : film.View.ToString(), film.Modality, Number(read?.Image.Width), Number(read?.Image.Height),
        Number(read?.Image.BitsStored), read is null ? "" : read.IsDicom ? "DICOM" : "picture",
        Words(ReferenceRules.SettleAll([.. facts.References[film.Study]])),
        read is null ? "file lost" : isLeft ? "left out: text possible" : "exported");

    static string Words(ReferenceState state) => state == ReferenceState.Missing ? "" : state.ToString().ToLowerInvariant();

    static string Readings(IReadOnlyList<LeavingFilm> films, FilmFacts facts)
    {
        var table = new StringBuilder(Csv.Line(ReadingColumns));
        foreach (var film in films.DistinctBy(f => f.Study))
        {
            foreach (var r in facts.Readings[film.Study].OrderBy(r => r.Reader, StringComparer.Ordinal).ThenBy(r => r.Stage))
            {
                table.Append(Csv.Line(film.StudyUid, r.Reader, r.Stage.ToString(), r.Opinion.ToString(), Number(r.Confidence)));
            }
        }

        return table.ToString();
    }

    static string? Number(int? value) => value?.ToString(CultureInfo.InvariantCulture);
}
