extension UniformSuperposition { func figures(_ o: [Observation]) -> [Drawing] { [] } }
extension CorrelatedFeatures { func figures(_ o: [Observation]) -> [Drawing] { [] } }
extension PerturbedFeature { func figures(_ o: [Observation]) -> [Drawing] { [] } }
extension LearningDynamics { func figures(_ o: [[Trajectory]]) -> [Drawing] { [] } }
extension PrivilegedBasis { func figures(_ o: [Observation]) -> [Drawing] { [] } }
extension AbsoluteValue { func figures(_ o: [Observation]) -> [Drawing] { [] } }
