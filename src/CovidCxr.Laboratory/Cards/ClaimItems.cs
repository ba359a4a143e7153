namespace CovidCxr.Laboratory.Cards;

/// <summary>The 44 items of CLAIM's 2024 update, under titles of our own.</summary>
static class ClaimItems
{
    public static ReportingGuideline Of(CardFacts facts)
    {
        var (study, data, model, results) =
            (new StudyAnswers(facts), new DataAnswers(facts), new ModelAnswers(facts), new ResultAnswers(facts));
        return new(
            "CLAIM 2024", "Tejani et al., Radiology: Artificial Intelligence 2024; 6(4): e240300",
            [
                new("Title and abstract",
                    [
                        new("1", "Named as a study of AI, and of which kind", model.Kind),
                        new("2", "A structured summary", study.Summary),
                    ]),
                new("Introduction",
                    [
                        new("3", "Background, intended use and role", study.Background),
                        new("4", "Aims and hypotheses", study.Aims),
                    ]),
                new("Methods: design",
                    [
                        new("5", "Prospective or retrospective", study.Direction),
                        new("6", "What the study is for", study.Goal),
                    ]),
                new("Methods: data",
                    [
                        new("7", "Where the data come from", data.Sources),
                        new("8", "Who and what was let in or left out", data.Criteria),
                        new("9", "How images were prepared", data.Preprocessing),
                        new("10", "Which parts of the data were chosen", data.Subsets),
                        new("11", "How patients were made unrecognisable", data.Deidentification),
                        new("12", "What was done about missing data", data.Missing),
                        new("13", "How the images were taken", data.Acquisition),
                    ]),
                new("Methods: reference standard",
                    [
                        new("14", "What the reference standard is", data.Reference),
                        new("15", "Why that one", DataAnswers.ReferenceReason),
                        new("16", "Who made the labels", data.Annotators),
                        new("17", "How the test part was labelled", data.TestLabels),
                        new("18", "How far labellers agree with each other and themselves", DataAnswers.Agreement),
                    ]),
                new("Methods: division",
                    [
                        new("19", "How images came into the parts", data.Division),
                        new("20", "At which level the parts are apart", data.Apart),
                    ]),
                new("Methods: test data", [new("21", "How many were meant to be tested, and why", study.SampleSize)]),
                new("Methods: model",
                    [
                        new("22", "The model in detail", model.Description),
                        new("23", "Libraries and their versions", model.Software),
                        new("24", "The weights that it started from", model.Start),
                    ]),
                new("Methods: training",
                    [
                        new("25", "How it was trained", model.Training),
                        new("26", "How the final model was chosen", model.Choice),
                        new("27", "Whether several models vote", model.Ensemble),
                    ]),
                new("Methods: evaluation",
                    [
                        new("28", "Which figures are measured", results.Metrics),
                        new("29", "How their uncertainty is stated", results.Uncertainty),
                        new("30", "Tests of robustness", results.Robustness),
                        new("31", "How its answers are explained", results.Explanation),
                        new("32", "Measured on data of the same kind", results.Internal),
                        new("33", "Tested on data from elsewhere", results.External),
                        new("34", "Registered as a clinical trial", StudyAnswers.Registration),
                    ]),
                new("Results: data",
                    [
                        new("35", "How many patients and images were in and out", data.Counts),
                        new("36", "Who the patients of each part are", data.Demographics),
                    ]),
                new("Results: performance",
                    [
                        new("37", "Figures with their uncertainty", results.Performance),
                        new("38", "Diagnostic accuracy and its precision", results.Diagnostic),
                        new("39", "What it gets wrong", results.Failures),
                    ]),
                new("Discussion",
                    [
                        new("40", "Limitations", study.Limitations),
                        new("41", "What it means for practice", study.Practice),
                    ]),
                new("Other information",
                    [
                        new("42", "The protocol, or more technical detail", study.Protocol),
                        new("43", "Whether software, model and data can be had", study.Availability),
                        new("44", "Who paid, and what for", StudyAnswers.Funding),
                    ]),
            ]);
    }
}
