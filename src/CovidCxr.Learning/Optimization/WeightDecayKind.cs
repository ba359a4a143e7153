namespace CovidCxr.Learning.Optimization;

public enum WeightDecayKind
{
    /// <summary>lambda w joins the gradient: the objective of eq. (3).</summary>
    L2,

    /// <summary>w shrinks by rate * lambda, beside the gradient (Loshchilov and Hutter 2019).</summary>
    Decoupled,
}
