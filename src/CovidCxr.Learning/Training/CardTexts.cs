using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.Learning.Training;

/// <summary>The sentences of a card that hold for every model trained here; an administrator adds to them.</summary>
public static class CardTexts
{
    public static ModelCard For(TrainingConfiguration options) => new(
        $"Decision support for reading frontal chest X-rays: how much a film looks like the class \"{options.PositiveClass}\" of the "
            + $"training data. Never a diagnosis; it does not replace RT-PCR or the radiologist.",
        [
            .. options.Statements,
            "Not validated for clinical use: no prospective study, no regulatory clearance.",
            "The probability is not calibrated to the prevalence of any hospital.",
            "A network can learn the source of an image (device, cropping, markers) in place of the disease, above all where source and "
                + "class coincide; compare the figures by source.",
            "Not for lateral films, children, CT slices, photographs of films or any image unlike the training data: the guard withholds "
                + "the score of most of them, and may let one pass.",
            "Knows only the classes it was trained on; another disease is forced into one of them.",
        ],
        [.. options.Data.Sources.Select(s => s.Description is null ? s.Path : $"{s.Path}: {s.Description}")],
        options.Data.Licence ?? "Follows from the licences of the training data; see the data sources.");
}
