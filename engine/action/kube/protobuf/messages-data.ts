// How the objects of Kubernetes 1.34.2 are written as protobuf: numbers, types and JSON names of their fields.
// Written by tools/kube-messages.mjs; read by messages.ts, which says what the lines mean.

/** GROUP/VERSION KIND=MESSAGE,...; a line without a group and version stands for all of them. */
export const kindLines: string = `
 DeleteOptions=534
admission.k8s.io/v1 AdmissionReview=2
admission.k8s.io/v1beta1 AdmissionReview=2
admissionregistration.k8s.io/v1 MutatingWebhookConfiguration=8,ValidatingAdmissionPolicy=16,ValidatingAdmissionPolicyBinding=17,ValidatingWebhookConfiguration=22
admissionregistration.k8s.io/v1alpha1 MutatingAdmissionPolicy=26,MutatingAdmissionPolicyBinding=27,ValidatingAdmissionPolicy=16,ValidatingAdmissionPolicyBinding=17
admissionregistration.k8s.io/v1beta1 MutatingAdmissionPolicy=26,MutatingAdmissionPolicyBinding=27,MutatingWebhookConfiguration=8,ValidatingAdmissionPolicy=16,ValidatingAdmissionPolicyBinding=17,ValidatingWebhookConfiguration=22
apidiscovery.k8s.io/v2 APIGroupDiscovery=31
apidiscovery.k8s.io/v2beta1 APIGroupDiscovery=31
apps/v1 ControllerRevision=40,DaemonSet=41,Deployment=46,ReplicaSet=50,StatefulSet=55
apps/v1beta1 ControllerRevision=40,Deployment=61,DeploymentRollback=62,Scale=65,StatefulSet=68
apps/v1beta2 ControllerRevision=40,DaemonSet=41,Deployment=46,ReplicaSet=50,Scale=65,StatefulSet=55
authentication.k8s.io/v1 SelfSubjectReview=72,TokenRequest=74,TokenReview=77
authentication.k8s.io/v1alpha1 SelfSubjectReview=72
authentication.k8s.io/v1beta1 SelfSubjectReview=72,TokenReview=77
authorization.k8s.io/v1 LocalSubjectAccessReview=82,SelfSubjectAccessReview=87,SelfSubjectRulesReview=89,SubjectAccessReview=82
authorization.k8s.io/v1beta1 LocalSubjectAccessReview=94,SelfSubjectAccessReview=87,SelfSubjectRulesReview=89,SubjectAccessReview=94
autoscaling/v1 HorizontalPodAutoscaler=97,Scale=100
autoscaling/v2 HorizontalPodAutoscaler=108
autoscaling/v2beta1 HorizontalPodAutoscaler=125
autoscaling/v2beta2 HorizontalPodAutoscaler=137
batch/v1 CronJob=141,Job=144
batch/v1beta1 CronJob=141
certificates.k8s.io/v1 CertificateSigningRequest=156
certificates.k8s.io/v1alpha1 ClusterTrustBundle=160,PodCertificateRequest=162
certificates.k8s.io/v1beta1 CertificateSigningRequest=156,ClusterTrustBundle=160
coordination.k8s.io/v1 Lease=165
coordination.k8s.io/v1alpha2 LeaseCandidate=167
coordination.k8s.io/v1beta1 Lease=165,LeaseCandidate=167
discovery.k8s.io/v1 EndpointSlice=375
discovery.k8s.io/v1beta1 EndpointSlice=377
events.k8s.io/v1 Event=378
events.k8s.io/v1beta1 Event=378
extensions/v1beta1 DaemonSet=380,Deployment=61,DeploymentRollback=62,Ingress=385,NetworkPolicy=394,ReplicaSet=50,Scale=65
flowcontrol.apiserver.k8s.io/v1 FlowSchema=402,PriorityLevelConfiguration=410
flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema=402,PriorityLevelConfiguration=417
flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema=402,PriorityLevelConfiguration=417
flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema=402,PriorityLevelConfiguration=410
imagepolicy.k8s.io/v1alpha1 ImageReview=419
internal.apiserver.k8s.io/v1alpha1 StorageVersion=36
networking.k8s.io/v1 IPAddress=425,Ingress=427,IngressClass=429,NetworkPolicy=394,ServiceCIDR=438
networking.k8s.io/v1beta1 IPAddress=425,Ingress=385,IngressClass=429,ServiceCIDR=438
node.k8s.io/v1 RuntimeClass=442
node.k8s.io/v1alpha1 RuntimeClass=444
node.k8s.io/v1beta1 RuntimeClass=442
policy/v1 Eviction=446,PodDisruptionBudget=447
policy/v1beta1 Eviction=446,PodDisruptionBudget=447
rbac.authorization.k8s.io/v1 ClusterRole=451,ClusterRoleBinding=452,Role=454,RoleBinding=452
rbac.authorization.k8s.io/v1alpha1 ClusterRole=456,ClusterRoleBinding=457,Role=459,RoleBinding=457
rbac.authorization.k8s.io/v1beta1 ClusterRole=451,ClusterRoleBinding=452,Role=454,RoleBinding=452
resource.k8s.io/v1 DeviceClass=476,ResourceClaim=489,ResourceClaimTemplate=493,ResourceSlice=496
resource.k8s.io/v1alpha3 DeviceTaintRule=498
resource.k8s.io/v1beta1 DeviceClass=476,ResourceClaim=506,ResourceClaimTemplate=508,ResourceSlice=510
resource.k8s.io/v1beta2 DeviceClass=476,ResourceClaim=489,ResourceClaimTemplate=493,ResourceSlice=496
scheduling.k8s.io/v1 PriorityClass=512
scheduling.k8s.io/v1alpha1 PriorityClass=512
scheduling.k8s.io/v1beta1 PriorityClass=512
storage.k8s.io/v1 CSIDriver=513,CSINode=515,CSIStorageCapacity=518,StorageClass=519,VolumeAttachment=521,VolumeAttributesClass=525
storage.k8s.io/v1alpha1 CSIStorageCapacity=518,VolumeAttachment=521,VolumeAttributesClass=525
storage.k8s.io/v1beta1 CSIDriver=513,CSINode=515,CSIStorageCapacity=518,StorageClass=519,VolumeAttachment=521,VolumeAttributesClass=525
storagemigration.k8s.io/v1alpha1 StorageVersionMigration=530
v1 Binding=176,ComponentStatus=187,ConfigMap=188,Endpoints=215,Event=221,LimitRange=246,Namespace=256,Node=260,NodeProxyOptions=268,PersistentVolume=280,PersistentVolumeClaim=281,Pod=290,PodAttachOptions=293,PodExecOptions=298,PodLogOptions=300,PodPortForwardOptions=302,PodProxyOptions=268,PodStatusResult=309,PodTemplate=310,RangeAllocation=321,ReplicationController=322,ResourceQuota=328,Secret=338,SerializedReference=342,Service=343,ServiceAccount=344,ServiceProxyOptions=268
`

/** One message a line, counted from 0: NAME=NUMBER MARK TYPE,... without the blanks. */
export const messageLines: string = `
uid=1:s,kind=2:535,resource=3:536,subResource=4?s,requestKind=13:535,requestResource=14:536,requestSubResource=15?s,name=5?s,namespace=6?s,operation=7:s,userInfo=8:80,object=9:R,oldObject=10:R,dryRun=11:b,options=12:R
uid=1:s,allowed=2:b,status=3:543,patch=4?y,patchType=5:s,auditAnnotations=6%s,warnings=7*s
request=1:0,response=2:1
key=1:s,valueExpression=2:s
fieldRef=2:s,warning=3:s
name=1:s,expression=2:s
namespaceSelector=1:537,objectSelector=2:537,resourceRules=3*9,excludeResourceRules=4*9,matchPolicy=7:s
name=1:s,clientConfig=2:24,rules=3*13,failurePolicy=4:s,matchPolicy=9:s,namespaceSelector=5:537,objectSelector=11:537,sideEffects=6:s,timeoutSeconds=7:i,admissionReviewVersions=8*s,reinvocationPolicy=10:s,matchConditions=12*5
metadata=1:540,webhooks=2*7
resourceNames=1*s,=2^13
apiVersion=1?s,kind=2?s
name=1?s,namespace=2?s,selector=3:537,parameterNotFoundAction=4:s
apiGroups=1*s,apiVersions=2*s,resources=3*s,scope=4:s
operations=1*s,=2^12
namespace=1:s,name=2:s,path=3:s,port=4:i
expressionWarnings=1*4
metadata=1:540,spec=2:19,status=3:20
metadata=1:540,spec=2:18
policyName=1?s,paramRef=2:11,matchResources=3:6,validationActions=4*s
paramKind=1:10,matchConstraints=2:6,validations=3*23,failurePolicy=4:s,auditAnnotations=5*3,matchConditions=6*5,variables=7*5
observedGeneration=1?l,typeChecking=2:15,conditions=3*533
name=1:s,clientConfig=2:24,rules=3*13,failurePolicy=4:s,matchPolicy=9:s,namespaceSelector=5:537,objectSelector=10:537,sideEffects=6:s,timeoutSeconds=7:i,admissionReviewVersions=8*s,matchConditions=11*5
metadata=1:540,webhooks=2*21
expression=1:s,message=2?s,reason=3:s,messageExpression=4?s
url=3:s,service=1:14,caBundle=2?y
expression=1?s
metadata=1:540,spec=2:29
metadata=1:540,spec=2:28
policyName=1?s,paramRef=2:11,matchResources=3:6
paramKind=1:10,matchConstraints=2:6,variables=3*5,mutations=4*30,failurePolicy=5:s,matchConditions=6*5,reinvocationPolicy=7?s
patchType=2:s,applyConfiguration=3:25,jsonPatch=4:25
metadata=1:540,versions=2*34
resource=1:s,responseKind=2:535,scope=3:s,singularResource=4:s,verbs=5*s,shortNames=6*s,categories=7*s,subresources=8*33
subresource=1:s,responseKind=2:535,acceptedTypes=3*535,verbs=4*s
version=1:s,resources=2*32,freshness=3?s
apiServerID=1?s,encodingVersion=2?s,decodableVersions=3*s,servedVersions=4*s
metadata=1:540,spec=2:38,status=3:39
type=1:s,status=2:s,observedGeneration=3?l,lastTransitionTime=4:T,reason=5:s,message=6?s

storageVersions=1*35,commonEncodingVersion=2:s,conditions=3*37
metadata=1:540,data=2:R,revision=3:l
metadata=1:540,spec=2:43,status=3:44
type=1:s,status=2:s,lastTransitionTime=3:T,reason=4?s,message=5?s
selector=1:537,template=2:311,updateStrategy=3:45,minReadySeconds=4?i,revisionHistoryLimit=6:i
currentNumberScheduled=1:i,numberMisscheduled=2:i,desiredNumberScheduled=3:i,numberReady=4:i,observedGeneration=5?l,updatedNumberScheduled=6?i,numberAvailable=7?i,numberUnavailable=8?i,collisionCount=9:i,conditions=10*42
type=1?s,rollingUpdate=2:53
metadata=1:540,spec=2:48,status=3:49
type=1:s,status=2:s,lastUpdateTime=6:T,lastTransitionTime=7:T,reason=4?s,message=5?s
replicas=1:i,selector=2:537,template=3:311,strategy=4:45,minReadySeconds=5?i,revisionHistoryLimit=6:i,paused=7?b,progressDeadlineSeconds=9:i
observedGeneration=1?l,replicas=2?i,updatedReplicas=3?i,readyReplicas=7?i,availableReplicas=4?i,unavailableReplicas=5?i,terminatingReplicas=9:i,conditions=6*47,collisionCount=8:i
metadata=1:540,spec=2:51,status=3:52
replicas=1:i,minReadySeconds=4?i,selector=2:537,template=3:311
replicas=1:i,fullyLabeledReplicas=2?i,readyReplicas=4?i,availableReplicas=5?i,terminatingReplicas=7:i,observedGeneration=3?l,conditions=6*42
maxUnavailable=1:I,maxSurge=2:I
partition=1:i,maxUnavailable=2:I
metadata=1:540,spec=2:58,status=3:59
start=1:i
whenDeleted=1?s,whenScaled=2?s
replicas=1:i,selector=2:537,template=3:311,volumeClaimTemplates=4*281,serviceName=5:s,podManagementPolicy=6?s,updateStrategy=7:60,revisionHistoryLimit=8:i,minReadySeconds=9?i,persistentVolumeClaimRetentionPolicy=10:57,ordinals=11:56
observedGeneration=1?l,replicas=2:i,readyReplicas=3?i,currentReplicas=4?i,updatedReplicas=5?i,currentRevision=6?s,updateRevision=7?s,collisionCount=9:i,conditions=10*42,availableReplicas=11:i
type=1?s,rollingUpdate=2:54
metadata=1:540,spec=2:63,status=3:49
name=1:s,updatedAnnotations=2%s,rollbackTo=3:64
replicas=1:i,selector=2:537,template=3:311,strategy=4:45,minReadySeconds=5?i,revisionHistoryLimit=6:i,paused=7?b,rollbackTo=8:64,progressDeadlineSeconds=9:i
revision=1?l
metadata=1:540,spec=2:66,status=3:67
replicas=1?i
replicas=1:i,selector=2%s,targetSelector=3?s
metadata=1:540,spec=2:58,status=3:69
observedGeneration=1:l,replicas=2:i,readyReplicas=3?i,currentReplicas=4?i,updatedReplicas=5?i,currentRevision=6?s,updateRevision=7?s,collisionCount=9:i,conditions=10*42,availableReplicas=11:i
kind=1?s,apiVersion=2?s,name=3?s,uid=4?s
=1*s
metadata=1:540,status=2:73
userInfo=1:80
metadata=1:540,spec=2:75,status=3:76
audiences=1*s,expirationSeconds=4:l,boundObjectRef=3:70
token=1:s,expirationTimestamp=2:T
metadata=1:540,spec=2:78,status=3:79
token=1?s,audiences=2*s
authenticated=1?b,user=2:80,audiences=4*s,error=3?s
username=1?s,uid=2?s,groups=3*s,extra=4%71
rawSelector=1?s,requirements=2*272
metadata=1:540,spec=2:91,status=3:92
path=1?s,verb=2?s
verbs=1*s,nonResourceURLs=2*s
namespace=1?s,verb=2?s,group=3?s,version=4?s,resource=5?s,subresource=6?s,name=7?s,fieldSelector=8:81,labelSelector=9:81
verbs=1*s,apiGroups=2*s,resources=3*s,resourceNames=4*s
metadata=1:540,spec=2:88,status=3:92
resourceAttributes=1:85,nonResourceAttributes=2:83
metadata=1:540,spec=2:90,status=3:93
namespace=1?s
resourceAttributes=1:85,nonResourceAttributes=2:83,user=3?s,groups=4*s,extra=5%71,uid=6?s
allowed=1:b,denied=4?b,reason=2?s,evaluationError=3?s
resourceRules=1*86,nonResourceRules=2*84,incomplete=3:b,evaluationError=4?s
metadata=1:540,spec=2:95,status=3:92
resourceAttributes=1:85,nonResourceAttributes=2:83,user=3?s,group=4*s,extra=5%71,uid=6?s
kind=1:s,name=2:s,apiVersion=3?s
metadata=1:540,spec=2:98,status=3:99
scaleTargetRef=1:96,minReplicas=2:i,maxReplicas=3:i,targetCPUUtilizationPercentage=4:i
observedGeneration=1:l,lastScaleTime=2:T,currentReplicas=3:i,desiredReplicas=4:i,currentCPUUtilizationPercentage=5:i
metadata=1:540,spec=2:66,status=3:101
replicas=1:i,selector=2?s
name=1:s,target=2:115,container=3:s
name=1:s,current=2:116,container=3:s
metric=1:112,target=2:115
metric=1:112,current=2:116
type=1:s,value=2:i,periodSeconds=3:i
stabilizationWindowSeconds=3:i,selectPolicy=1:s,policies=2*106,tolerance=4:Q
metadata=1:540,spec=2:110,status=3:111
scaleUp=1:107,scaleDown=2:107
scaleTargetRef=1:96,minReplicas=2:i,maxReplicas=3:i,metrics=4*113,behavior=5:109
observedGeneration=1:l,lastScaleTime=2:T,currentReplicas=3?i,desiredReplicas=4:i,currentMetrics=5*114,conditions=6*42
name=1:s,selector=2:537
type=1:s,object=2:117,pods=3:104,resource=4:119,containerResource=7:102,external=5:104
type=1:s,object=2:118,pods=3:105,resource=4:120,containerResource=7:103,external=5:105
type=1:s,value=2:Q,averageValue=3:Q,averageUtilization=4:i
value=1:Q,averageValue=2:Q,averageUtilization=3:i
describedObject=1:96,target=2:115,metric=3:112
metric=1:112,current=2:116,describedObject=3:96
name=1:s,target=2:115
name=1:s,current=2:116
name=1:s,targetAverageUtilization=2:i,targetAverageValue=3:Q,container=4:s
name=1:s,currentAverageUtilization=2:i,currentAverageValue=3:Q,container=4:s
metricName=1:s,metricSelector=2:537,targetValue=3:Q,targetAverageValue=4:Q
metricName=1:s,metricSelector=2:537,currentValue=3:Q,currentAverageValue=4:Q
metadata=1:540,spec=2:126,status=3:127
scaleTargetRef=1:96,minReplicas=2:i,maxReplicas=3:i,metrics=4*128
observedGeneration=1:l,lastScaleTime=2:T,currentReplicas=3:i,desiredReplicas=4:i,currentMetrics=5*129,conditions=6*42
type=1:s,object=2:130,pods=3:132,resource=4:134,containerResource=7:121,external=5:123
type=1:s,object=2:131,pods=3:133,resource=4:135,containerResource=7:122,external=5:124
target=1:96,metricName=2:s,targetValue=3:Q,selector=4:537,averageValue=5:Q
target=1:96,metricName=2:s,currentValue=3:Q,selector=4:537,averageValue=5:Q
metricName=1:s,targetAverageValue=2:Q,selector=3:537
metricName=1:s,currentAverageValue=2:Q,selector=3:537
name=1:s,targetAverageUtilization=2:i,targetAverageValue=3:Q
name=1:s,currentAverageUtilization=2:i,currentAverageValue=3:Q
stabilizationWindowSeconds=3:i,selectPolicy=1:s,policies=2*106
metadata=1:540,spec=2:139,status=3:140
scaleUp=1:136,scaleDown=2:136
scaleTargetRef=1:96,minReplicas=2:i,maxReplicas=3:i,metrics=4*113,behavior=5:138
observedGeneration=1:l,lastScaleTime=2:T,currentReplicas=3:i,desiredReplicas=4:i,currentMetrics=5*114,conditions=6*42
metadata=1:540,spec=2:142,status=3:143
schedule=1:s,timeZone=8:s,startingDeadlineSeconds=2:l,concurrencyPolicy=3?s,suspend=4:b,jobTemplate=5:148,successfulJobsHistoryLimit=6:i,failedJobsHistoryLimit=7:i
active=1*279,lastScheduleTime=4:T,lastSuccessfulTime=5:T
metadata=1:540,spec=2:146,status=3:147
type=1:s,status=2:s,lastProbeTime=3:T,lastTransitionTime=4:T,reason=5?s,message=6?s
parallelism=1:i,completions=2:i,activeDeadlineSeconds=3:l,podFailurePolicy=11:149,successPolicy=16:153,backoffLimit=7:i,backoffLimitPerIndex=12:i,maxFailedIndexes=13:i,selector=4:537,manualSelector=5:b,template=6:311,ttlSecondsAfterFinished=8:i,completionMode=9:s,suspend=10:b,podReplacementPolicy=14:s,managedBy=15:s
conditions=1*145,startTime=2:T,completionTime=3:T,active=4?i,succeeded=5?i,failed=6?i,terminating=11:i,completedIndexes=7?s,failedIndexes=10:s,uncountedTerminatedPods=8:155,ready=9:i
metadata=1:540,spec=2:146
rules=1*152
containerName=1:s,operator=2:s,values=3*i
type=1:s,status=2:s
action=1:s,onExitCodes=2:150,onPodConditions=3*151
rules=1*154
succeededIndexes=1:s,succeededCount=2:i
succeeded=1*s,failed=2*s
metadata=1:540,spec=2:158,status=3:159
type=1:s,status=6:s,reason=2?s,message=3?s,lastUpdateTime=4:T,lastTransitionTime=5:T
request=1:y,signerName=7:s,expirationSeconds=8:i,usages=5*s,username=2?s,uid=3?s,groups=4*s,extra=6%71
conditions=1*157,certificate=2?y
metadata=1:540,spec=2:161
signerName=1?s,trustBundle=2:s
metadata=1:540,spec=2:163,status=3:164
signerName=1:s,podName=2:s,podUID=3:s,serviceAccountName=4:s,serviceAccountUID=5:s,nodeName=6:s,nodeUID=7:s,maxExpirationSeconds=8:i,pkixPublicKey=9:y,proofOfPossession=10:y
conditions=1*533,certificateChain=2?s,notBefore=4:T,beginRefreshAt=5:T,notAfter=6:T
metadata=1:540,spec=2:166
holderIdentity=1:s,leaseDurationSeconds=2:i,acquireTime=3:M,renewTime=4:M,leaseTransitions=5:i,strategy=6:s,preferredHolder=7:s
metadata=1:540,spec=2:168
leaseName=1:s,pingTime=2:M,renewTime=3:M,binaryVersion=4:s,emulationVersion=5?s,strategy=6?s
volumeID=1:s,fsType=2?s,partition=3?i,readOnly=4?b
nodeAffinity=1:262,podAffinity=2:291,podAntiAffinity=3:291
type=1:s,localhostProfile=2:s
name=1:s,devicePath=2:s
diskName=1:s,diskURI=2:s,cachingMode=3:s,fsType=4:s,readOnly=5:b,kind=6:s
secretName=1:s,shareName=2:s,readOnly=3?b,secretNamespace=4:s
secretName=1:s,shareName=2:s,readOnly=3?b
metadata=1:540,target=2:279
driver=1:s,volumeHandle=2:s,readOnly=3?b,fsType=4?s,volumeAttributes=5%s,controllerPublishSecretRef=6:339,nodeStageSecretRef=7:339,nodePublishSecretRef=8:339,controllerExpandSecretRef=9:339,nodeExpandSecretRef=10:339
driver=1:s,readOnly=2:b,fsType=3:s,volumeAttributes=4%s,nodePublishSecretRef=5:252
add=1*s,drop=2*s
monitors=1*s,path=2?s,user=3?s,secretFile=4?s,secretRef=5:339,readOnly=6?b
monitors=1*s,path=2?s,user=3?s,secretFile=4?s,secretRef=5:252,readOnly=6?b
volumeID=1:s,fsType=2?s,readOnly=3?b,secretRef=4:339
volumeID=1:s,fsType=2?s,readOnly=3?b,secretRef=4:252
timeoutSeconds=1:i
name=1:s,signerName=2:s,labelSelector=3:537,optional=5:b,path=4:s
type=1:s,status=2:s,message=3?s,error=4?s
metadata=1:540,conditions=2*186
metadata=1:540,immutable=4:b,data=2%s,binaryData=3%y
=1^252,optional=2:b
=1^252,key=2:s,optional=3:b
namespace=1:s,name=2:s,uid=3?s,resourceVersion=4?s,kubeletConfigKey=5:s
=1^252,items=2*243,optional=4:b
=1^252,items=2*243,defaultMode=3:i,optional=4:b
name=1:s,image=2?s,command=3*s,args=4*s,workingDir=5?s,ports=6*197,envFrom=19*216,env=7*217,resources=8:331,resizePolicy=23*198,restartPolicy=24:s,restartPolicyRules=25*199,volumeMounts=9*362,volumeDevices=21*172,livenessProbe=10:315,readinessProbe=11:315,startupProbe=22:315,lifecycle=12:244,terminationMessagePath=13?s,terminationMessagePolicy=20?s,imagePullPolicy=14?s,securityContext=15:341,stdin=16?b,stdinOnce=17?b,tty=18?b
containerName=1:s,resourceName=2:s,requestName=3:s
names=1*s,sizeBytes=2?l
name=1?s,hostPort=2?i,containerPort=3:i,protocol=4?s,hostIP=5?s
resourceName=1:s,restartPolicy=2:s
action=1?s,exitCodes=2:200
operator=1?s,values=2*i
waiting=1:204,running=2:202,terminated=3:203
startedAt=1:T
exitCode=1:i,signal=2?i,reason=3?s,message=4?s,startedAt=5:T,finishedAt=6:T,containerID=7?s
reason=1?s,message=2?s
name=1:s,state=2:201,lastState=3:201,ready=4:b,restartCount=5:i,image=6:s,imageID=7:s,containerID=8?s,started=9:b,allocatedResources=10%Q,resources=11:331,volumeMounts=12*363,user=13:206,allocatedResourcesStatus=14*332,stopSignal=15:s
linux=1:249
Port=1:i
items=1*209
path=1:s,fieldRef=2:278,resourceFieldRef=3:326,mode=4:i
items=1*209,defaultMode=2:i
medium=1?s,sizeLimit=2:Q
ip=1:s,hostname=3?s,nodeName=4:s,targetRef=2:279
name=1?s,port=2:i,protocol=3?s,appProtocol=4:s
addresses=1*212,notReadyAddresses=2*212,ports=3*213
metadata=1:540,subsets=2*214
prefix=1?s,configMapRef=2:189,secretRef=3:189
name=1:s,value=2?s,valueFrom=3:218
fieldRef=1:278,resourceFieldRef=2:326,configMapKeyRef=3:190,secretKeyRef=4:190,fileKeyRef=5:226
=1^194,targetContainerName=2?s
volumeClaimTemplate=1:284
metadata=1:540,involvedObject=2:279,reason=3?s,message=4?s,source=5:223,firstTimestamp=6:T,lastTimestamp=7:T,count=8?i,type=9?s,eventTime=10:M,series=11:222,action=12?s,related=13:279,reportingComponent=14:s,reportingInstance=15:s
count=1?i,lastObservedTime=2:M
component=1?s,host=2?s
command=1*s
targetWWNs=1*s,lun=2:i,fsType=3?s,readOnly=4?b,wwids=5*s
volumeName=1:s,path=2:s,key=3:s,optional=4:b
driver=1:s,fsType=2?s,secretRef=3:339,readOnly=4?b,options=5%s
driver=1:s,fsType=2?s,secretRef=3:252,readOnly=4?b,options=5%s
datasetName=1?s,datasetUUID=2?s
pdName=1:s,fsType=2?s,partition=3?i,readOnly=4?b
port=1:i,service=2:s
repository=1:s,revision=2?s,directory=3?s
endpoints=1:s,path=2:s,readOnly=3?b,endpointsNamespace=4:s
endpoints=1:s,path=2:s,readOnly=3?b
path=1?s,port=2:I,host=3?s,scheme=4?s,httpHeaders=5*236
name=1:s,value=2:s
ip=1:s,hostnames=2*s
ip=1:s
path=1:s,type=2:s
targetPortal=1:s,iqn=2:s,lun=3:i,iscsiInterface=4?s,fsType=5?s,readOnly=6?b,portals=7*s,chapAuthDiscovery=8?b,chapAuthSession=11?b,secretRef=10:339,initiatorName=12:s
targetPortal=1:s,iqn=2:s,lun=3:i,iscsiInterface=4?s,fsType=5?s,readOnly=6?b,portals=7*s,chapAuthDiscovery=8?b,chapAuthSession=11?b,secretRef=10:252,initiatorName=12:s
reference=1?s,pullPolicy=2?s
key=1:s,path=2:s,mode=3:i
postStart=1:245,preStop=2:245,stopSignal=3:s
exec=1:224,httpGet=2:235,tcpSocket=3:353,sleep=4:350
metadata=1:540,spec=2:248
type=1:s,max=2%Q,min=3%Q,default=4%Q,defaultRequest=5%Q,maxLimitRequestRatio=6%Q
limits=1*247
uid=1:l,gid=2:l,supplementalGroups=3*l
ip=1?s,hostname=2?s,ipMode=3:s,ports=4*312
ingress=1*250
name=1?s
path=1:s,fsType=2:s
targetVolumeAttributesClassName=1?s,status=2:s
server=1:s,path=2:s,readOnly=3?b
metadata=1:540,spec=2:258,status=3:259
type=1:s,status=2:s,lastTransitionTime=4:T,reason=5?s,message=6?s
finalizers=1*s
phase=1?s,conditions=2*257
metadata=1:540,spec=2:274,status=3:275
type=1:s,address=2:s
requiredDuringSchedulingIgnoredDuringExecution=1:271,preferredDuringSchedulingIgnoredDuringExecution=2*314
type=1:s,status=2:s,lastHeartbeatTime=3:T,lastTransitionTime=4:T,reason=5?s,message=6?s
configMap=2:191
assigned=1:264,active=2:264,lastKnownGood=3:264,error=4?s
kubeletEndpoint=1:207
supplementalGroupsPolicy=1:b
path=1?s
name=1:s,features=2:270
recursiveReadOnlyMounts=1:b,userNamespaces=2:b
nodeSelectorTerms=1*273
key=1:s,operator=2:s,values=3*s
matchExpressions=1*272,matchFields=2*272
podCIDR=1?s,podCIDRs=7*s,providerID=3?s,unschedulable=4?b,taints=5*354,configSource=6:264,externalID=2?s
capacity=1%Q,allocatable=2%Q,phase=3?s,conditions=4*263,addresses=5*261,daemonEndpoints=6:266,nodeInfo=7:277,images=8*196,volumesInUse=9*s,volumesAttached=10*172,config=11:265,runtimeHandlers=12*269,features=13:267
capacity=1:l
machineID=1:s,systemUUID=2:s,bootID=3:s,kernelVersion=4:s,osImage=5:s,containerRuntimeVersion=6:s,kubeletVersion=7:s,kubeProxyVersion=8:s,operatingSystem=9:s,architecture=10:s,swap=11:276
apiVersion=1?s,fieldPath=2:s
kind=1?s,namespace=2?s,name=3?s,uid=4?s,apiVersion=5?s,resourceVersion=6?s,fieldPath=7?s
metadata=1:540,spec=2:287,status=3:288
metadata=1:540,spec=2:282,status=3:283
accessModes=1*s,selector=4:537,resources=2:366,volumeName=3?s,storageClassName=5:s,volumeMode=6:s,dataSource=7:359,dataSourceRef=8:360,volumeAttributesClassName=9:s
phase=1?s,accessModes=2*s,capacity=3%Q,conditions=4*145,allocatedResources=5%Q,allocatedResourceStatuses=7%s,currentVolumeAttributesClassName=8:s,modifyVolumeStatus=9:254
metadata=1:540,spec=2:282
claimName=1:s,readOnly=2?b
gcePersistentDisk=1:230,awsElasticBlockStore=2:169,hostPath=3:239,glusterfs=4:233,nfs=5:255,rbd=6:319,iscsi=7:240,cinder=8:182,cephfs=9:180,fc=10:225,flocker=11:229,flexVolume=12:227,azureFile=13:174,vsphereVolume=14:368,quobyte=15:318,azureDisk=16:173,photonPersistentDisk=17:289,portworxVolume=18:313,scaleIO=19:334,local=20:253,storageos=21:351,csi=22:177
capacity=1%Q,=2^286,accessModes=3*s,claimRef=4:279,persistentVolumeReclaimPolicy=5?s,storageClassName=6?s,mountOptions=7*s,volumeMode=8:s,nodeAffinity=9:364,volumeAttributesClassName=10:s
phase=1?s,message=2?s,reason=3?s,lastPhaseTransitionTime=4:T
pdID=1:s,fsType=2?s
metadata=1:540,spec=2:307,status=3:308
requiredDuringSchedulingIgnoredDuringExecution=1*292,preferredDuringSchedulingIgnoredDuringExecution=2*369
labelSelector=1:537,namespaces=2*s,topologyKey=3:s,namespaceSelector=4:537,matchLabelKeys=5*s,mismatchLabelKeys=6*s
stdin=1?b,stdout=2?b,stderr=3?b,tty=4?b,container=5?s
signerName=1?s,keyType=2?s,maxExpirationSeconds=3:i,credentialBundlePath=4?s,keyPath=5?s,certificateChainPath=6?s
type=1:s,observedGeneration=7?l,status=2:s,lastProbeTime=3:T,lastTransitionTime=4:T,reason=5?s,message=6?s
nameservers=1*s,searches=2*s,options=3*297
name=1?s,value=2:s
stdin=1?b,stdout=2?b,stderr=3?b,tty=4?b,container=5?s,command=6*s
requestMappings=1*195,resourceClaimName=2:s
container=1?s,follow=2?b,previous=3?b,sinceSeconds=4:l,sinceTime=5:T,timestamps=6?b,tailLines=7:l,limitBytes=8:l,insecureSkipTLSVerifyBackend=9?b,stream=10:s
name=1:s
ports=1*i
conditionType=1:s
name=1:s,resourceClaimName=3:s,resourceClaimTemplateName=4:s
name=1:s,resourceClaimName=2:s
seLinuxOptions=1:333,windowsOptions=8:370,runAsUser=2:l,runAsGroup=6:l,runAsNonRoot=3:b,supplementalGroups=4*l,supplementalGroupsPolicy=12:s,fsGroup=5:l,sysctls=7*236,fsGroupChangePolicy=9:s,seccompProfile=10:171,appArmorProfile=11:171,seLinuxChangePolicy=13:s
volumes=1*361,initContainers=20*194,containers=2*194,ephemeralContainers=34*219,restartPolicy=3?s,terminationGracePeriodSeconds=4:l,activeDeadlineSeconds=5:l,dnsPolicy=6?s,nodeSelector=7%s,serviceAccountName=8?s,serviceAccount=9?s,automountServiceAccountToken=21:b,nodeName=10?s,hostNetwork=11?b,hostPID=12?b,hostIPC=13?b,shareProcessNamespace=27:b,securityContext=14:306,imagePullSecrets=15*252,hostname=16?s,subdomain=17?s,affinity=18:170,schedulerName=19?s,tolerations=22*355,hostAliases=23*237,priorityClassName=24?s,priority=25:i,dnsConfig=26:296,readinessGates=28*303,runtimeClassName=29:s,enableServiceLinks=30:b,preemptionPolicy=31:s,overhead=32%Q,topologySpreadConstraints=33*358,setHostnameAsFQDN=35:b,os=36:301,hostUsers=37:b,schedulingGates=38*301,resourceClaims=39*304,resources=40:331,hostnameOverride=41:s
observedGeneration=17?l,phase=1?s,conditions=2*295,message=3?s,reason=4?s,nominatedNodeName=11?s,hostIP=5?s,hostIPs=16*238,podIP=6?s,podIPs=12*238,startTime=7:T,initContainerStatuses=10*205,containerStatuses=8*205,qosClass=9?s,ephemeralContainerStatuses=13*205,resize=14?s,resourceClaimStatuses=15*305,extendedResourceClaimStatus=18:299
metadata=1:540,status=2:308
metadata=1:540,template=2:311
metadata=1:540,spec=2:307
port=1:i,protocol=2:s,error=3:s
volumeID=1:s,fsType=2?s,readOnly=3?b
weight=1:i,preference=2:273
=1^316,initialDelaySeconds=2?i,timeoutSeconds=3?i,periodSeconds=4?i,successThreshold=5?i,failureThreshold=6?i,terminationGracePeriodSeconds=7:l
exec=1:224,httpGet=2:235,tcpSocket=3:353,grpc=4:231
sources=1*365,defaultMode=2:i
registry=1:s,volume=2:s,readOnly=3?b,user=4?s,group=5?s,tenant=6?s
monitors=1*s,image=2:s,fsType=3?s,pool=4?s,user=5?s,keyring=6?s,secretRef=7:339,readOnly=8?b
monitors=1*s,image=2:s,fsType=3?s,pool=4?s,user=5?s,keyring=6?s,secretRef=7:252,readOnly=8?b
metadata=1:540,range=2:s,data=3:y
metadata=1:540,spec=2:323,status=3:324
replicas=1:i,minReadySeconds=4?i,selector=2%s,template=3:311
replicas=1:i,fullyLabeledReplicas=2?i,readyReplicas=4?i,availableReplicas=5?i,observedGeneration=3?l,conditions=6*42
name=1:s,request=2?s
containerName=1?s,resource=2:s,divisor=3:Q
resourceID=1:s,health=2?s
metadata=1:540,spec=2:329,status=3:330
hard=1%Q,scopes=2*s,scopeSelector=3:336
hard=1%Q,used=2%Q
limits=1%Q,requests=2%Q,claims=3*325
name=1:s,resources=2*327
user=1?s,role=2?s,type=3?s,level=4?s
gateway=1:s,system=2:s,secretRef=3:339,sslEnabled=4?b,protectionDomain=5?s,storagePool=6?s,storageMode=7?s,volumeName=8?s,fsType=9?s,readOnly=10?b
gateway=1:s,system=2:s,secretRef=3:252,sslEnabled=4?b,protectionDomain=5?s,storagePool=6?s,storageMode=7?s,volumeName=8?s,fsType=9?s,readOnly=10?b
matchExpressions=1*337
scopeName=1:s,operator=2:s,values=3*s
metadata=1:540,immutable=5:b,data=2%y,stringData=4%s,type=3?s
name=1?s,namespace=2?s
secretName=1?s,items=2*243,defaultMode=3:i,optional=4:b
capabilities=1:179,privileged=2:b,seLinuxOptions=3:333,windowsOptions=10:370,runAsUser=4:l,runAsGroup=8:l,runAsNonRoot=5:b,readOnlyRootFilesystem=6:b,allowPrivilegeEscalation=7:b,procMount=9:s,seccompProfile=11:171,appArmorProfile=12:171
reference=1:279
metadata=1:540,spec=2:347,status=3:348
metadata=1:540,secrets=2*279,imagePullSecrets=3*252,automountServiceAccountToken=4:b
audience=1?s,expirationSeconds=2:l,path=3:s
name=1?s,protocol=2?s,appProtocol=6:s,port=3:i,targetPort=4:I,nodePort=5?i
ports=1*346,selector=2%s,clusterIP=3?s,clusterIPs=18*s,type=4?s,externalIPs=5*s,sessionAffinity=7?s,loadBalancerIP=8?s,loadBalancerSourceRanges=9*s,externalName=10?s,externalTrafficPolicy=11?s,healthCheckNodePort=12?i,publishNotReadyAddresses=13?b,sessionAffinityConfig=14:349,ipFamilies=19*s,ipFamilyPolicy=17:s,allocateLoadBalancerNodePorts=20:b,loadBalancerClass=21:s,internalTrafficPolicy=22:s,trafficDistribution=23:s
loadBalancer=1:251,conditions=2*533
clientIP=1:184
seconds=1:l
volumeName=1?s,volumeNamespace=2?s,fsType=3?s,readOnly=4?b,secretRef=5:279
volumeName=1?s,volumeNamespace=2?s,fsType=3?s,readOnly=4?b,secretRef=5:252
port=1:I,host=2?s
key=1:s,value=2?s,effect=3:s,timeAdded=4:T
key=1?s,operator=2?s,value=3?s,effect=4?s,tolerationSeconds=5:l
key=1:s,values=2*s
matchLabelExpressions=1*356
maxSkew=1:i,topologyKey=2:s,whenUnsatisfiable=3:s,labelSelector=4:537,minDomains=5:i,nodeAffinityPolicy=6:s,nodeTaintsPolicy=7:s,matchLabelKeys=8*s
apiGroup=1:s,kind=2:s,name=3:s
apiGroup=1:s,kind=2:s,name=3:s,namespace=4:s
name=1:s,=2^367
name=1:s,readOnly=2?b,recursiveReadOnly=7:s,mountPath=3:s,subPath=4?s,mountPropagation=5:s,subPathExpr=6?s
name=1:s,mountPath=2:s,readOnly=3?b,recursiveReadOnly=4:s
required=1:271
secret=1:192,downwardAPI=2:208,configMap=3:192,serviceAccountToken=4:345,clusterTrustBundle=5:185,podCertificate=6:294
limits=1%Q,requests=2%Q
hostPath=1:239,emptyDir=2:211,gcePersistentDisk=3:230,awsElasticBlockStore=4:169,gitRepo=5:232,secret=6:340,nfs=7:255,iscsi=8:241,glusterfs=9:234,persistentVolumeClaim=10:285,rbd=11:320,flexVolume=12:228,cinder=13:183,cephfs=14:181,flocker=15:229,downwardAPI=16:210,fc=17:225,azureFile=18:175,configMap=19:193,vsphereVolume=20:368,quobyte=21:318,azureDisk=22:173,photonPersistentDisk=23:289,projected=26:317,portworxVolume=24:313,scaleIO=25:335,storageos=27:352,csi=28:178,ephemeral=29:220,image=30:242
volumePath=1:s,fsType=2?s,storagePolicyName=3?s,storagePolicyID=4?s
weight=1:i,podAffinityTerm=2:292
gmsaCredentialSpecName=1:s,gmsaCredentialSpec=2:s,runAsUserName=3:s,hostProcess=4:b
addresses=1*s,conditions=2:372,hostname=3:s,targetRef=4:279,deprecatedTopology=5%s,nodeName=6:s,zone=7:s,hints=8:373
ready=1:b,serving=2:b,terminating=3:b
forZones=1*301,forNodes=2*301
name=1:s,protocol=2:s,port=3:i,appProtocol=4:s
metadata=1:540,addressType=4:s,endpoints=2*371,ports=3*374
addresses=1*s,conditions=2:372,hostname=3:s,targetRef=4:279,topology=5%s,nodeName=6:s,hints=7:373
metadata=1:540,addressType=4:s,endpoints=2*376,ports=3*374
metadata=1:540,eventTime=2:M,series=3:379,reportingController=4?s,reportingInstance=5?s,action=6?s,reason=7?s,regarding=8:279,related=9:279,note=10?s,type=11?s,deprecatedSource=12:223,deprecatedFirstTimestamp=13:T,deprecatedLastTimestamp=14:T,deprecatedCount=15?i
count=1:i,lastObservedTime=2:M
metadata=1:540,spec=2:381,status=3:44
selector=1:537,template=2:311,updateStrategy=3:45,minReadySeconds=4?i,templateGeneration=5?l,revisionHistoryLimit=6:i
path=1?s,pathType=3:s,backend=2:386
paths=1*382
cidr=1:s,except=2*s
metadata=1:540,spec=2:391,status=3:392
serviceName=1?s,servicePort=2:I,resource=3:359
ip=1?s,hostname=2?s,ports=4*312
ingress=1*387
host=1?s,=2^390
http=1:383
ingressClassName=4:s,backend=1:386,tls=2*393,rules=3*389
loadBalancer=1:388
hosts=1*s,secretName=2?s
metadata=1:540,spec=2:399
ports=1*398,to=2*397
ports=1*398,from=2*397
podSelector=1:537,namespaceSelector=2:537,ipBlock=3:384
protocol=1:s,port=2:I,endPort=3:i
podSelector=1:537,ingress=2*396,egress=3*395,policyTypes=4*s
nominalConcurrencyShares=1:i,lendablePercent=2:i
type=1:s
metadata=1:540,spec=2:404,status=3:405
type=1?s,status=2?s,lastTransitionTime=3:T,reason=4?s,message=5?s
priorityLevelConfiguration=1:301,matchingPrecedence=2:i,distinguisherMethod=3:401,rules=4*409
conditions=1*403
type=1:s,queuing=2:412
nominalConcurrencyShares=1:i,limitResponse=2:406,lendablePercent=3:i,borrowingLimitPercent=4:i
verbs=1*s,nonResourceURLs=6*s
subjects=1*415,resourceRules=2*413,nonResourceRules=3*408
metadata=1:540,spec=2:411,status=3:405
type=1:s,limited=2:407,exempt=3:400
queues=1:i,handSize=2:i,queueLengthLimit=3:i
verbs=1*s,apiGroups=2*s,resources=3*s,clusterScope=4?b,namespaces=5*s
namespace=1:s,name=2:s
kind=1:s,user=2:301,group=3:301,serviceAccount=4:414
assuredConcurrencyShares=1:i,limitResponse=2:406,lendablePercent=3:i,borrowingLimitPercent=4:i
metadata=1:540,spec=2:418,status=3:405
type=1:s,limited=2:416,exempt=3:400
metadata=1:540,spec=2:421,status=3:422
image=1?s
containers=1*420,annotations=2%s,namespace=3?s
allowed=1:b,reason=2?s,auditAnnotations=3%s
path=1?s,pathType=3:s,backend=2:428
paths=1*423
metadata=1:540,spec=2:426
parentRef=1:436
metadata=1:540,spec=2:435,status=3:392
service=4:434,resource=3:359
metadata=1:540,spec=2:431
apiGroup=1:s,kind=2:s,name=3:s,scope=4:s,namespace=5:s
controller=1?s,parameters=2:430
host=1?s,=2^433
http=1:424
name=1:s,port=2:437
ingressClassName=4:s,defaultBackend=1:428,tls=2*393,rules=3*432
group=1?s,resource=2?s,namespace=3?s,name=4?s
name=1?s,number=2?i
metadata=1:540,spec=2:439,status=3:440
cidrs=1*s
conditions=1*533
podFixed=1%Q
metadata=1:540,handler=2:s,overhead=3:441,scheduling=4:443
nodeSelector=1%s,tolerations=2*355
metadata=1:540,spec=2:445
runtimeHandler=1:s,overhead=2:441,scheduling=3:443
metadata=1:540,deleteOptions=2:534
metadata=1:540,spec=2:448,status=3:449
minAvailable=1:I,selector=2:537,maxUnavailable=3:I,unhealthyPodEvictionPolicy=4:s
observedGeneration=1?l,disruptedPods=2%T,disruptionsAllowed=3:i,currentHealthy=4:i,desiredHealthy=5:i,expectedPods=6:i,conditions=7*533
clusterRoleSelectors=1*537
metadata=1:540,rules=2*453,aggregationRule=3:450
metadata=1:540,subjects=2*455,roleRef=3:359
verbs=1*s,apiGroups=2*s,resources=3*s,resourceNames=4*s,nonResourceURLs=5*s
metadata=1:540,rules=2*453
kind=1:s,apiGroup=2?s,name=3:s,namespace=4?s
metadata=1:540,rules=2*458,aggregationRule=3:450
metadata=1:540,subjects=2*460,roleRef=3:359
verbs=1*s,apiGroups=3*s,resources=4*s,resourceNames=5*s,nonResourceURLs=6*s
metadata=1:540,rules=2*458
kind=1:s,apiVersion=2?s,name=3:s,namespace=4?s
driver=1:s,pool=2:s,device=3:s,shareID=7:s,conditions=4*533,data=5:R,networkData=6:487
devices=1:471,nodeSelector=3:271,allocationTimestamp=5:T
expression=1:s
default=1:Q,validValues=3*Q,validRange=4:465
min=1:Q,max=2:Q,step=3:Q
requests=1%Q
value=1:Q
name=1:s,counters=2%467
name=1:s,attributes=2%472,capacity=3%473,consumesCounters=4*481,nodeName=5:s,nodeSelector=6:271,allNodes=7:b,taints=8*354,bindsToNode=9:b,bindingConditions=10*s,bindingFailureConditions=11*s,allowMultipleAllocations=12:b
source=1:s,requests=2*s,=3^479
results=1*483,config=2*470
int=2:l,bool=3:b,string=4:s,version=5:s
value=1:Q,requestPolicy=2:464
requests=1*482,constraints=2*480,config=3*475
requests=1*s,=2^479
metadata=1:540,spec=2:478
=1^479
selectors=1*484,config=2*477,extendedResourceName=4:s
opaque=1:488
requests=1*s,matchAttribute=2:s,distinctAttribute=3:s
counterSet=1:s,counters=2%467
name=1:s,exactly=2:486,firstAvailable=3*485
request=1:s,driver=2:s,pool=3:s,device=4:s,adminAccess=5:b,tolerations=6*355,bindingConditions=7*s,bindingFailureConditions=8*s,shareID=9:s,consumedCapacity=10%Q
cel=1:463
name=1:s,deviceClassName=2:s,selectors=3*484,allocationMode=4?s,count=5?l,tolerations=6*355,capacity=7:466
deviceClassName=1:s,selectors=2*484,allocationMode=3?s,count=4?l,adminAccess=5:b,tolerations=6*355,capacity=7:466
interfaceName=1?s,ips=2*s,hardwareAddress=3?s
driver=1:s,parameters=2:R
metadata=1:540,spec=2:491,status=3:492
apiGroup=1?s,resource=3:s,name=4:s,uid=5:s
devices=1:474
allocation=1:462,reservedFor=2*490,devices=4*461
metadata=1:540,spec=2:494
metadata=1:540,spec=2:491
name=1:s,generation=2:l,resourceSliceCount=3:l
metadata=1:540,spec=2:497
driver=1:s,pool=2:495,nodeName=3:s,nodeSelector=4:271,allNodes=5:b,devices=6*469,perDeviceNodeSelection=7:b,sharedCounters=8*468
metadata=1:540,spec=2:499
deviceSelector=1:500,taint=2:354
deviceClassName=1:s,driver=2:s,pool=3:s,device=4:s,selectors=5*484
attributes=1%472,capacity=2%473,consumesCounters=3*481,nodeName=4:s,nodeSelector=5:271,allNodes=6:b,taints=7*354,bindsToNode=8:b,bindingConditions=9*s,bindingFailureConditions=10*s,allowMultipleAllocations=11:b
name=1:s,basic=2:501
requests=1*504,constraints=2*480,config=3*475
name=1:s,deviceClassName=2:s,selectors=3*484,allocationMode=4?s,count=5?l,adminAccess=6:b,firstAvailable=7*505,tolerations=8*355,capacity=9:466
name=1:s,deviceClassName=2:s,selectors=3*484,allocationMode=4?s,count=5?l,tolerations=7*355,capacity=8:466
metadata=1:540,spec=2:507,status=3:492
devices=1:503
metadata=1:540,spec=2:509
metadata=1:540,spec=2:507
metadata=1:540,spec=2:511
driver=1:s,pool=2:495,nodeName=3?s,nodeSelector=4:271,allNodes=5?b,devices=6*502,perDeviceNodeSelection=7:b,sharedCounters=8*468
metadata=1:540,value=2:i,globalDefault=3?b,description=4?s,preemptionPolicy=5:s
metadata=1:540,spec=2:514
attachRequired=1:b,podInfoOnMount=2:b,volumeLifecycleModes=3*s,storageCapacity=4:b,fsGroupPolicy=5:s,tokenRequests=6*520,requiresRepublish=7:b,seLinuxMount=8:b,nodeAllocatableUpdatePeriodSeconds=9:l
metadata=1:540,spec=2:517
name=1:s,nodeID=2:s,topologyKeys=3*s,allocatable=4:527
drivers=1*516
metadata=1:540,nodeTopology=2:537,storageClassName=3:s,capacity=4:Q,maximumVolumeSize=5:Q
metadata=1:540,provisioner=2:s,parameters=3%s,reclaimPolicy=4:s,mountOptions=5*s,allowVolumeExpansion=6:b,volumeBindingMode=7:s,allowedTopologies=8*357
audience=1:s,expirationSeconds=2:l
metadata=1:540,spec=2:523,status=3:524
persistentVolumeName=1:s,inlineVolumeSpec=2:287
attacher=1:s,source=2:522,nodeName=3:s
attached=1:b,attachmentMetadata=2%s,attachError=3:526,detachError=4:526
metadata=1:540,driverName=2:s,parameters=3%s
time=1:T,message=2?s,errorCode=3:i
count=1:i
group=1?s,version=2?s,resource=3?s
type=1:s,status=2:s,lastUpdateTime=3:T,reason=4?s,message=5?s
metadata=1:540,spec=2:531,status=3:532
resource=1:528,continueToken=2?s
conditions=1*529,resourceVersion=2?s
type=1:s,status=2:s,observedGeneration=3?l,lastTransitionTime=4:T,reason=5:s,message=6:s
gracePeriodSeconds=1:l,preconditions=2:542,orphanDependents=3:b,propagationPolicy=4:s,dryRun=5*s,ignoreStoreReadErrorWithClusterBreakingPotential=6:b
group=1:s,version=2:s,kind=3:s
group=1:s,version=2:s,resource=3:s
matchLabels=1%s,matchExpressions=2*272
selfLink=1?s,resourceVersion=2?s,continue=3?s,remainingItemCount=4:l
manager=1?s,operation=2?s,apiVersion=3?s,time=4:T,fieldsType=6?s,fieldsV1=7:R,subresource=8?s
name=1?s,generateName=2?s,namespace=3?s,selfLink=4?s,uid=5?s,resourceVersion=6?s,generation=7?l,creationTimestamp=8?T,deletionTimestamp=9:T,deletionGracePeriodSeconds=10:l,labels=11%s,annotations=12%s,ownerReferences=13*541,finalizers=14*s,managedFields=17*539
apiVersion=5:s,kind=1:s,name=3:s,uid=4:s,controller=6:b,blockOwnerDeletion=7:b
uid=1:s,resourceVersion=2:s
metadata=1:538,status=2?s,message=3?s,reason=4?s,details=5:545,code=6?i
reason=1?s,message=2?s,field=3?s
name=1?s,group=2?s,kind=3?s,uid=6?s,causes=4*544,retryAfterSeconds=5?i
`
