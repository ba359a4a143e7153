namespace CovidCxr.Learning.Checkpoints;

/// <summary>A model or checkpoint file that cannot be used. The message is for a person and names what is wrong.</summary>
public sealed class ModelFileException : Exception
{
    public ModelFileException(string message)
        : base(message)
    {
    }

    public ModelFileException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
