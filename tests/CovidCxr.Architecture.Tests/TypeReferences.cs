using Mono.Cecil;
using Mono.Cecil.Cil;

namespace CovidCxr.Architecture.Tests;

/// <summary>
/// The types of its own assembly that a type names: bases, members, attributes, generic arguments, locals and what its instructions
/// operate on. Nested types, closures and state machines count as the type itself.
/// </summary>
static class TypeReferences
{
    public static IEnumerable<TypeReference> Of(TypeDefinition type) =>
        Direct(type).SelectMany(Parts).Where(t => t is TypeDefinition).Concat(type.NestedTypes.SelectMany(Of));

    static IEnumerable<TypeReference?> Direct(TypeDefinition type) =>
    [
        type.BaseType,
        .. type.Interfaces.Select(i => i.InterfaceType),
        .. type.GenericParameters.SelectMany(Constraints),
        .. Attributes(type),
        .. type.Fields.Select(f => f.FieldType),
        .. type.Fields.Concat<ICustomAttributeProvider>(type.Properties).Concat(type.Events).SelectMany(Attributes),
        .. type.Methods.SelectMany(Method),
    ];

    static IEnumerable<TypeReference?> Method(MethodDefinition method) =>
    [
        method.ReturnType,
        .. method.Parameters.Select(p => p.ParameterType),
        .. method.GenericParameters.SelectMany(Constraints),
        .. Attributes(method),
        .. Attributes(method.MethodReturnType),
        .. method.Parameters.SelectMany(Attributes),
        .. method.Overrides.Select(o => o.DeclaringType),
        .. method.HasBody ? Body(method.Body) : [],
    ];

    static IEnumerable<TypeReference?> Body(MethodBody body) =>
    [
        .. body.Variables.Select(v => v.VariableType),
        .. body.ExceptionHandlers.Select(h => h.CatchType),
        .. body.Instructions.SelectMany(Operand),
    ];

    static IEnumerable<TypeReference?> Operand(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        GenericInstanceMethod method => [method.DeclaringType, .. method.GenericArguments],
        MethodReference method => [method.DeclaringType],
        FieldReference field => [field.DeclaringType],
        _ => [],
    };

    static IEnumerable<TypeReference> Constraints(GenericParameter parameter) => parameter.Constraints.Select(c => c.ConstraintType);

    static IEnumerable<TypeReference?> Attributes(ICustomAttributeProvider member) =>
        from attribute in member.CustomAttributes
        from type in attribute.ConstructorArguments
            .Concat(attribute.Properties.Concat(attribute.Fields).Select(named => named.Argument))
            .SelectMany(Argument)
            .Prepend(attribute.AttributeType)
        select type;

    static IEnumerable<TypeReference?> Argument(CustomAttributeArgument argument) => argument.Value switch
    {
        TypeReference type => [argument.Type, type],
        CustomAttributeArgument[] several => several.SelectMany(Argument),
        CustomAttributeArgument boxed => Argument(boxed),
        _ => [argument.Type],
    };

    // List<Finding[]> is List, Finding[] and Finding.
    static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null or GenericParameter => [],
        GenericInstanceType generic => [generic.ElementType, .. generic.GenericArguments.SelectMany(Parts)],
        FunctionPointerType pointer => [.. Parts(pointer.ReturnType), .. pointer.Parameters.SelectMany(p => Parts(p.ParameterType))],
        IModifierType modified => [.. Parts(modified.ModifierType), .. Parts(modified.ElementType)],
        TypeSpecification specification => Parts(specification.ElementType),
        _ => [type],
    };
}
