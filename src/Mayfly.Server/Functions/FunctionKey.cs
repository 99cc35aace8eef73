namespace Mayfly.Server.Functions;

/// <summary>The unique name of a function: names are scoped by account and region, as on AWS.</summary>
/// <param name="Account">Twelve digits.</param>
/// <param name="Region">For example <c>us-east-1</c>.</param>
/// <param name="Name">1 to 64 characters of <c>[A-Za-z0-9-_]</c>.</param>
public readonly record struct FunctionKey(string Account, string Region, string Name)
{
    /// <summary>The unqualified ARN, as the Lambda API prints it.</summary>
    public string Arn => $"arn:aws:lambda:{Region}:{Account}:function:{Name}";

    /// <inheritdoc />
    public override string ToString() => Arn;
}
