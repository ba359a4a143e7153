using System.Text.RegularExpressions;
using System.Xml.Linq;
using Mono.Cecil;

namespace CovidCxr.Architecture.Tests;

/// <summary>A file of a room names a type that another file of the room declares.</summary>
sealed record Use(string User, string UserFile, string Used, string UsedFile)
{
    public override string ToString() => $"{UserFile} ({User}) uses {Used} of {UsedFile}";
}

/// <summary>
/// A project under src and what its files use of each other, read from the built assembly and, for constants, from the source.
/// </summary>
sealed partial class Room
{
    const string TopLevelStatements = "Program";

    readonly Dictionary<string, string> _source;
    readonly HashSet<string> _imports;
    readonly Dictionary<string, string?> _files = [];

    Room(string project)
    {
        Folder = Path.GetDirectoryName(project)!;
        Name = Path.GetFileName(Folder);
        _source = SourceTree.Files(Path.GetRelativePath(SourceTree.Root, Folder), ".cs", ".razor")
            .ToDictionary(f => Path.GetRelativePath(Folder, f).Replace('\\', '/'), f => Comment().Replace(File.ReadAllText(f), ""));
        _imports = [.. _source.Where(f => IsImports(f.Key)).SelectMany(f => Usings(f.Value))];
        using var module = ModuleDefinition.ReadModule(Assembly(project));
        Uses = [.. InstructionUses(module).Concat(ConstantUses(module))
            .Where(u => u.UserFile != u.UsedFile)
            .Where(u => !IsMigration(u.UserFile) && !IsMigration(u.UsedFile))
            .DistinctBy(u => (u.UserFile, u.Used, u.UsedFile))
            .OrderBy(u => u.UserFile, StringComparer.Ordinal).ThenBy(u => u.Used, StringComparer.Ordinal)];
    }

    public string Folder { get; }

    public string Name { get; }

    public IReadOnlyList<Use> Uses { get; }

    public static IEnumerable<Room> All() => SourceTree.Projects("src").Select(p => new Room(p));

    public override string ToString() => Name;

    // The tests and the rooms are built with one configuration for one framework: bin/Debug/net10.0 here is bin/Debug/net10.0 there.
    string Assembly(string project)
    {
        var output = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory).Split(Path.DirectorySeparatorChar)[^3..];
        var named = XDocument.Load(project).Descendants("AssemblyName").SingleOrDefault();
        var name = named?.Value ?? Path.GetFileNameWithoutExtension(project);
        return Path.Combine([Folder, .. output, $"{name}.dll"]);
    }

    IEnumerable<Use> InstructionUses(ModuleDefinition module) =>
        from type in module.Types
        let user = Owner(type)
        let userFile = FileOf(user)
        where userFile is not null
        from used in TypeReferences.Of(type).Select(Owner).Distinct()
        let usedFile = FileOf(used)
        where usedFile is not null
        select new Use(Simple(user), userFile, Simple(used), usedFile);

    // The compiler writes the value of a constant or an enum's member where the source names it, so that the assembly shows no trace:
    // `Type.Member` is looked for in the source. A constant under `using static` or an alias stays unseen.
    IEnumerable<Use> ConstantUses(ModuleDefinition module)
    {
        var constants = module.Types.Where(t => FileOf(t.FullName) is not null)
            .SelectMany(t => t.Fields.Where(f => f.HasConstant).Select(f => (Name: $"{Simple(t.FullName)}.{f.Name}", Type: t)))
            .ToLookup(c => c.Name, c => c.Type);
        return from file in _source
               from name in TypeMember().Matches(file.Value).Select(m => m.Value).Distinct()
               from type in constants[name]
               where Sees(file.Key, type.Namespace)
               select new Use(Path.GetFileNameWithoutExtension(file.Key), file.Key, Simple(type.FullName), FileOf(type.FullName)!);
    }

    bool Sees(string file, string space) =>
        SpaceOf(file) == space || SpaceOf(file).StartsWith(space + ".", StringComparison.Ordinal)
        || Usings(_source[file]).Contains(space)
        || (file.EndsWith(".razor", StringComparison.Ordinal) && _imports.Contains(space));

    static IEnumerable<string> Usings(string text) => Using().Matches(text).Select(m => m.Groups[1].Value);

    // Razor puts the type arguments that it inferred for a page into __Blazor.<page>.
    static string Owner(TypeReference type)
    {
        while (type.DeclaringType is not null)
        {
            type = type.DeclaringType;
        }

        const string inferred = "__Blazor.";
        return type.Namespace.StartsWith(inferred, StringComparison.Ordinal) ? type.Namespace[inferred.Length..] : type.FullName;
    }

    /// <summary>The file that declares a type, or none where the compiler made it or the room is another one.</summary>
    string? FileOf(string type)
    {
        if (!_files.TryGetValue(type, out var file))
        {
            _files[type] = file = FindFile(type);
        }

        return file;
    }

    string? FindFile(string type)
    {
        var name = Simple(type);
        if (type == TopLevelStatements)
        {
            return _source.ContainsKey("Program.cs") ? "Program.cs" : null;
        }

        var space = type[..^Math.Min(type.Length, type.Split('.')[^1].Length + 1)];
        var declaration = new Regex(
            $@"^\s*(\[.*\]\s*)?([a-z]+\s+)*(class|struct|record|interface|enum|delegate\s.*?)\s+{Regex.Escape(name)}\b",
            RegexOptions.Multiline);
        return _source.Where(f => SpaceOf(f.Key) == space)
            .Where(f => !IsImports(f.Key))
            .Where(f => Path.GetFileName(f.Key) == $"{name}.razor" || declaration.IsMatch(f.Value))
            .Select(f => f.Key)
            .Order(StringComparer.Ordinal)
            .MinBy(f => f.Length);
    }

    string SpaceOf(string file) => $"{Name}/{file}"[..^(Path.GetFileName(file).Length + 1)].Replace('/', '.');

    static bool IsImports(string file) => Path.GetFileName(file) == "_Imports.razor";

    static bool IsMigration(string file) => $"/{file}".Contains("/Migrations/", StringComparison.Ordinal);

    static string Simple(string type) => type.Split('.')[^1].Split('`')[0];

    [GeneratedRegex(@"//[^\n]*|/\*[\s\S]*?\*/|@\*[\s\S]*?\*@")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\b[A-Z]\w*\.[A-Z]\w*\b")]
    private static partial Regex TypeMember();

    [GeneratedRegex(@"^\s*@?(?:global\s+)?using\s+([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Using();
}
