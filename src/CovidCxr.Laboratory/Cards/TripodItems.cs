namespace CovidCxr.Laboratory.Cards;

/// <summary>The 27 items of TRIPOD+AI with their parts, under titles of our own.</summary>
static class TripodItems
{
    public static ReportingGuideline Of(CardFacts facts)
    {
        var (study, data, model, results) =
            (new StudyAnswers(facts), new DataAnswers(facts), new ModelAnswers(facts), new ResultAnswers(facts));
        return new(
            "TRIPOD+AI", "Collins et al., BMJ 2024; 385: e078378",
            [
                new("Title and abstract",
                    [
                        new("1", "Named as a prediction model, with population and outcome", model.Kind),
                        new("2", "A structured summary", study.Summary),
                    ]),
                new("Introduction",
                    [
                        new("3a", "Healthcare context, and existing models", StudyAnswers.Context),
                        new("3b", "For whom it is meant, and who uses it", study.Background),
                        new("3c", "Known inequalities between groups of patients", StudyAnswers.Inequalities),
                        new("4", "Objectives: development, evaluation or both", study.Aims),
                    ]),
                new("Methods: data and participants",
                    [
                        new("5a", "Sources of the data", data.Sources),
                        new("5b", "From when the data are", data.Dates),
                        new("6a", "Setting and centres", data.Setting),
                        new("6b", "Who was let in", data.Criteria),
                        new("6c", "Treatments", DataAnswers.Treatments),
                        new("7", "Preparing and checking the data", data.Preparation),
                    ]),
                new("Methods: outcome and predictors",
                    [
                        new("8a", "What is predicted, and how it was assessed", data.Reference),
                        new("8b", "Who assessed the outcome", data.Annotators),
                        new("8c", "Whether they knew the predictors", data.Blinding),
                        new("9a", "Which predictors, and why", ModelAnswers.Predictors),
                        new("9b", "How predictors are measured", data.Preprocessing),
                        new("9c", "Who judges predictors, where a person does", ModelAnswers.PredictorAssessors),
                    ]),
                new("Methods: analysis",
                    [
                        new("10", "Sample size", study.SampleSize),
                        new("11", "Missing data", data.Missing),
                        new("12a", "How the data were used and divided", data.Division),
                        new("12b", "How predictors were handled", data.Preprocessing),
                        new("12c", "The model, how it was built and chosen", model.Building),
                        new("12d", "Differences between centres", results.Heterogeneity),
                        new("12e", "Which figures, and why", results.Metrics),
                        new("12f", "Whether a model was updated", model.Updating),
                        new("12g", "How predictions were computed when it was evaluated", model.Predicting),
                        new("13", "Class imbalance", model.Balance),
                        new("14", "Fairness", results.Fairness),
                        new("15", "What it puts out, and its threshold", model.Output),
                        new("16", "How development and evaluation data differ", results.Differences),
                        new("17", "Ethical approval", StudyAnswers.Ethics),
                    ]),
                new("Open science",
                    [
                        new("18a", "Funding", StudyAnswers.Funding),
                        new("18b", "Conflicts of interest", StudyAnswers.Conflicts),
                        new("18c", "Protocol", study.Protocol),
                        new("18d", "Registration", StudyAnswers.Registration),
                        new("18e", "Sharing of data", study.DataSharing),
                        new("18f", "Sharing of code", study.CodeSharing),
                        new("19", "Patients and public", StudyAnswers.Public),
                    ]),
                new("Results",
                    [
                        new("20a", "Flow of participants", data.Counts),
                        new("20b", "Who they are", data.Demographics),
                        new("20c", "Development and evaluation data compared", results.Differences),
                        new("21", "Participants and outcomes in each analysis", data.Outcomes),
                        new("22", "The whole model, so that it can be used", model.Description),
                        new("23a", "Performance with intervals, also of groups", results.PerformanceByGroup),
                        new("23b", "Performance by centre", results.Heterogeneity),
                        new("24", "Results of an update", results.Updated),
                    ]),
                new("Discussion",
                    [
                        new("25", "Interpretation, with fairness", results.Interpretation),
                        new("26", "Limitations", study.Limitations),
                        new("27a", "What happens with poor or missing input", results.PoorInput),
                        new("27b", "What users must do and know", StudyAnswers.Users),
                        new("27c", "Next steps of research", StudyAnswers.NextSteps),
                    ]),
            ]);
    }
}
