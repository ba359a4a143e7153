using CovidCxr.Imaging.Decoding;

namespace CovidCxr.Imaging.Text;

/// <summary>
/// Looks for words that a program wrote into the pixels of a film: shapes of nearly the same brightness, bright or dark, with sharp edges
/// and of about the same height, four or more in a row. It finds print, not handwriting nor the soft letters of lead markers, and takes
/// some other rows of sharp marks for words. A film of which it says nothing may hold a name all the same. Its numbers were tried on 624
/// films of 352 pixels before it looked for turned words too: it saw words in 61, most of which have some ("PORTABLE", "At admission").
/// How many it missed was not counted.
/// </summary>
public static class BurntText
{
    /// <summary>Letters of a row from which on it may be a word.</summary>
    const int FewestLetters = 4;

    // A letter's height: dots below it are noise, and no name is written larger than a twelfth of a film.
    const int LeastHeight = 4;
    const double MostHeight = 1.0 / 12;

    // Of the film's range: how near to its end a letter is, and how much further away what lies beside it is.
    static readonly double[] Nears = [0.15, 0.25, 0.35];
    const double Step = 0.1;
    const double SharpEdges = 0.6, LeastFill = 0.15, MostFill = 0.95;

    // Samples at each end that tell nothing of the film, such as a few that a detector lost.
    const double Stray = 0.001;

    // Noise; whoever cannot tell does not say that there is none.
    const int MostShapes = 1_000_000;

    // Heights from one letter to the next, over a blank or a letter of another height.
    const int Gap = 3;

    public static bool IsLikely(GreyImage film)
    {
        var counts = new int[ushort.MaxValue + 1];
        foreach (var sample in film.Samples)
        {
            counts[sample]++;
        }

        // The whole range too where it is another one: the few samples beyond may be the words.
        var (most, all) = (Range(counts, (int)(Stray * film.Samples.Length)), Range(counts, 0));
        var isWider = Length(all) > (1 + Step) * Length(most);
        return new[] { film, Turned(film) }.Any(f => HasWords(f, most) || (isWider && HasWords(f, all)));

        static int Length((int Lowest, int Highest) range) => range.Highest - range.Lowest;
    }

    static bool HasWords(GreyImage film, (int Lowest, int Highest) ends)
    {
        var ((lowest, highest), range) = (ends, ends.Highest - ends.Lowest);
        return range > 0 && Nears.Any(near =>
            HasRow(film, value => highest - value, near * range, Step * range)
            || HasRow(film, value => value - lowest, near * range, Step * range));
    }

    // Without so many samples at each end.
    static (int Lowest, int Highest) Range(int[] counts, int stray)
    {
        var (lowest, highest) = (0, counts.Length - 1);
        for (var passed = counts[lowest]; passed <= stray; passed += counts[lowest])
        {
            lowest++;
        }

        for (var passed = counts[highest]; passed <= stray; passed += counts[highest])
        {
            highest--;
        }

        return (lowest, highest);
    }

    // Rows as columns: words that run up or down a film lie in a row, mirrored.
    static GreyImage Turned(GreyImage film)
    {
        var samples = new ushort[film.Samples.Length];
        for (var y = 0; y < film.Height; y++)
        {
            for (var x = 0; x < film.Width; x++)
            {
                samples[(x * film.Height) + y] = film.Samples[(y * film.Width) + x];
            }
        }

        return film with { Width = film.Height, Height = film.Width, Samples = samples };
    }

    /// <param name="distance">Of a sample from the end of the range.</param>
    static bool HasRow(GreyImage film, Func<int, int> distance, double near, double step) =>
        Shapes(film, distance, (int)near, (int)(near + step)) is not { } shapes
        || HasRow([.. shapes.Where(s => s.IsLetter((int)(MostHeight * film.Height))).OrderBy(s => s.Left)]);

    // Of each letter, whoever stands to its right at the same height, not far away.
    static bool HasRow(List<Shape> letters)
    {
        var length = new int[letters.Count];
        for (var i = letters.Count - 1; i >= 0; i--)
        {
            length[i] = 1;
            for (var next = i + 1; next < letters.Count && letters[next].Left <= letters[i].Right + (Gap * letters[i].Height); next++)
            {
                if (letters[i].IsBeside(letters[next]))
                {
                    length[i] = Math.Max(length[i], length[next] + 1);
                }
            }

            if (length[i] >= FewestLetters)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Connected shapes, from their runs of samples in each row; null where there are too many.</summary>
    static List<Shape>? Shapes(GreyImage film, Func<int, int> distance, int near, int far)
    {
        List<Shape> shapes = [];
        List<(int From, int To, Shape Shape)> above = [], row = [];
        for (var y = 0; y < film.Height; y++)
        {
            (above, row) = (row, above);
            row.Clear();
            var line = film.Samples.AsSpan(y * film.Width, film.Width);
            for (int x = 0, first = 0; x < line.Length; x++)
            {
                if (distance(line[x]) > near)
                {
                    continue;
                }

                var from = x;
                while (x + 1 < line.Length && distance(line[x + 1]) <= near)
                {
                    x++;
                }

                // Two samples away: an edge that was scaled has one between.
                var sharp = (from < 2 || distance(line[from - 2]) >= far ? 1 : 0)
                    + (x + 2 >= line.Length || distance(line[x + 2]) >= far ? 1 : 0);
                Shape? shape = null;
                for (first = Passed(above, first, from); first < above.Count && above[first].From <= x + 1; first++)
                {
                    shape = shape is null ? above[first].Shape.With(from, x, y, sharp) : above[first].Shape.Joined(shape);
                }

                // The last one above may reach over the next run too.
                first = Math.Max(0, first - 1);
                if (shape is null)
                {
                    shapes.Add(shape = new(from, x, y, sharp));
                    if (shapes.Count > MostShapes)
                    {
                        return null;
                    }
                }

                row.Add((from, x, shape));
            }
        }

        return [.. shapes.Where(s => s.IsRoot)];
    }

    static int Passed(List<(int From, int To, Shape Shape)> above, int first, int from)
    {
        while (first < above.Count && above[first].To < from - 1)
        {
            first++;
        }

        return first;
    }

    sealed class Shape(int left, int right, int top, int sharp)
    {
        Shape? _joined;
        int _left = left, _right = right, _top = top, _bottom = top, _area = right - left + 1, _runs = 1, _sharp = sharp;

        public int Left => _left;

        public int Right => _right;

        public int Height => _bottom - _top + 1;

        public bool IsRoot => _joined is null;

        /// <summary>The shape with a run of samples more.</summary>
        public Shape With(int left, int right, int row, int sharp)
        {
            var root = Root();
            (root._left, root._right, root._bottom) = (Math.Min(root._left, left), Math.Max(root._right, right), row);
            (root._area, root._runs, root._sharp) = (root._area + right - left + 1, root._runs + 1, root._sharp + sharp);
            return root;
        }

        /// <summary>The shape that both are.</summary>
        public Shape Joined(Shape other)
        {
            var (a, b) = (Root(), other.Root());
            if (a != b)
            {
                b._joined = a;
                (a._left, a._right) = (Math.Min(a._left, b._left), Math.Max(a._right, b._right));
                (a._top, a._bottom) = (Math.Min(a._top, b._top), Math.Max(a._bottom, b._bottom));
                (a._area, a._runs, a._sharp) = (a._area + b._area, a._runs + b._runs, a._sharp + b._sharp);
            }

            return a;
        }

        public bool IsLetter(int mostHeight)
        {
            var (width, height) = (_right - _left + 1, Height);
            var fill = (double)_area / (width * height);
            return height >= LeastHeight && height <= mostHeight && width <= 2 * height && _sharp >= SharpEdges * 2 * _runs
                // An I is full, and slim.
                && fill >= LeastFill && (fill <= MostFill || width <= height / 3);
        }

        public bool IsBeside(Shape next) =>
            next._left > _left && Math.Abs(Height - next.Height) <= Math.Max(2, Math.Max(Height, next.Height) / 4)
            && Math.Abs(_bottom - next._bottom) <= Math.Max(2, Height / 4);

        Shape Root()
        {
            var root = this;
            while (root._joined is { } above)
            {
                root = above;
            }

            // Shorter for whoever asks again.
            for (var shape = this; shape != root;)
            {
                (shape._joined, shape) = (root, shape._joined!);
            }

            return root;
        }
    }
}
