extension ZeroLayer { func figures(_ seeds: [Observation]) throws -> [Drawing] { [] } }
extension OneLayerCopying { func figures(_ seeds: [Observation]) throws -> [Drawing] { [] } }
extension SkipTrigrams { func figures(_ seeds: [Observation]) throws -> [Drawing] { [] } }
extension InductionCircuit { func figures(_ seeds: [Observation]) throws -> [Drawing] { [] } }
extension TermImportance { func figures(_ seeds: [Observation]) throws -> [Drawing] { [] } }
