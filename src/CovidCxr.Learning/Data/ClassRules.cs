namespace CovidCxr.Learning.Data;

/// <summary>The rules of a configuration, and what they make of the labels of its table.</summary>
sealed class ClassRules(IReadOnlyList<ClassRule> rules, string? otherwise)
{
    const int MostShown = 12;

    readonly List<string> _remarks = [];

    /// <summary>Which labels each rule takes, with their counts.</summary>
    public IReadOnlyList<string> Remarks => _remarks;

    /// <summary>The class of a label; null leaves its rows out.</summary>
    public string? ClassOf(string label) => RuleOf(label) is { } rule ? rule.Class : otherwise;

    /// <param name="labels">One a row; empty where the row has none.</param>
    /// <exception cref="DataSetException">A label denies or doubts what its rule looks for: that needs a decision. The message goes on
    /// after the table's name.</exception>
    public void Decide(IEnumerable<string> labels)
    {
        var counts = labels.Where(l => l.Length > 0).GroupBy(l => l, StringComparer.Ordinal)
            .Select(g => (Label: g.Key, Count: g.Count(), Rule: RuleOf(g.Key))).ToList();
        var open = counts.Where(c => c.Rule is { Class: not null } rule && LabelWords.IsDoubtful(c.Label, rule.Text)).ToList();
        if (open.Count > 0)
        {
            throw new DataSetException(
                $"has labels that deny or doubt what a rule looks for: {Shown(open.Select(o => (o.Label, o.Count)))}. Decide each by a "
                    + $"rule of its own before the others, "
                + $"such as {{\"text\": \"{open[0].Label}\", \"class\": \"{otherwise ?? "..."}\"}}; \"class\": null leaves it out.");
        }

        foreach (var group in counts.GroupBy(c => c.Rule)
            .OrderBy(g => g.Key is null ? rules.Count : rules.Index().First(r => r.Item == g.Key).Index))
        {
            var meant = group.Key is { } rule ? $"The rule \"{rule.Text}\"" : "What no rule takes";
            _remarks.Add(
                $"{meant} {((group.Key is { } r ? r.Class : otherwise) is { } name ? $"is {name}" : "is left out")}: "
                    + $"{Shown(group.Select(g => (g.Label, g.Count)))}.");
        }
    }

    ClassRule? RuleOf(string label) => rules.FirstOrDefault(r => label.Contains(r.Text, StringComparison.OrdinalIgnoreCase));

    static string Shown(IEnumerable<(string Label, int Count)> labels)
    {
        var all = labels.OrderByDescending(l => l.Count).ThenBy(l => l.Label, StringComparer.Ordinal).ToList();
        return string.Join(", ", all.Take(MostShown).Select(l => $"\"{l.Label}\" {l.Count}"))
            + (all.Count > MostShown ? $" and {all.Count - MostShown} more" : "");
    }
}
