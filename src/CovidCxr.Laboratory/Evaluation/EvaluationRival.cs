using CovidCxr.Engine.Evaluation;
using CovidCxr.Engine.Lungs;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;

namespace CovidCxr.Laboratory.Evaluation;

/// <summary>Prepares the evaluated films for another model, as its own preset says.</summary>
static class EvaluationRival
{
    /// <returns>Null where it is the same model or the two cannot be compared: it looks for something else, does not know a class of the
    /// films, or does not say what it was trained on.</returns>
    public static Rival? Find(string path, ModelFile model, EvaluationSubject subject, string folder, CancellationToken cancellation)
    {
        try
        {
            var other = ModelFile.Read(path);
            var trained = TrainedImages.OfModel(path);
            if (other.Sha256 == model.Sha256 || Looks(other.Header) != Looks(model.Header) || trained.Unknown.Count > 0)
            {
                return null;
            }

            var preset = other.Header.Preset;
            var data = DataSet.LoadForTest(
                subject.Data.Options, folder, other.Header.Classes, preset, PixelCache.Default(), null, cancellation,
                LungFinder.For(preset));
            var wanted = subject.Samples.Select(s => s.Image.File.Path).ToHashSet(StringComparer.Ordinal);
            var samples = data.Samples.Where(s => wanted.Contains(s.Image.File.Path)).ToList();
            return new(
                other, samples.ToDictionary(s => s.Image.File.Path, StringComparer.Ordinal),
                SeenImages.WithPatients(data.Samples, trained));
        }
        catch (Exception e) when (e is ModelFileException or DataSetException)
        {
            // The comparison is then not known, and the gate says so; the model itself is measured all the same.
            return null;
        }
    }

    static string Looks(ModelHeader header) => header.Classes[header.PositiveClass];
}
