namespace CovidCxr.Learning.Checkpoints;

/// <summary>torchvision's published weights do not come with this program; these are the words on how to get them.</summary>
public static class ImageNetWeights
{
    /// <param name="architecture">A name of the catalogue.</param>
    /// <param name="classes">Of the model to be trained, the positive one first.</param>
    public static string HowToGet(string architecture, IReadOnlyList<string> classes) =>
        "ImageNet weights do not come with this program. On a computer with Python and a network: "
        + "pip install torch torchvision; "
        + $"python3 -c \"import torch, torchvision; torch.save(torchvision.models.{architecture}(weights='IMAGENET1K_V1').state_dict(), "
        + $"'{architecture}.pth')\"; "
        + $"then, here: model import {architecture}.pth --classes \"{string.Join(',', classes)}\" --out {architecture}.safetensors, "
        + "and name that file as initialModel of a run.";
}
